const axios = require("./node_modules/axios@0.19.2")
const _ = require('lodash@4.17.21')

module.exports = function (user, context, cb) {
  const { apihost, client_id, client_secret } = context.webtask.secrets
  axios
    .post(apihost + "/oauth/token", { client_id, client_secret, grant_type: "client_credentials" })
    .then(({ data }) =>
      axios.post(
        apihost + "/users",
        { ..._.pick(user, ["username", "email"]), versions: [axios.VERSION || "0.19", _.VERSION] },
        { headers: { Authorization: `Bearer ${data.access_token}` } },
      ),
    )
    .then(() => cb(null, { added: true }))
    .catch((e) => cb(e))
}
