const axios = require('axios')

module.exports = function (user, context, cb) {
  axios.post(context.webtask.secrets.apihost + '/users', { email: user.email }).then(function (res) {
    console.log('answered', res.status)
  })
}
