const jwt = require('jsonwebtoken');
const axios = require('axios');

module.exports = async function (user, context, cb) {
  const token = jwt.sign({ sub: user.email, role: user.app_metadata.plan }, context.webtask.secrets.JWT_SECRET, {
    expiresIn: '1m',
    algorithm: 'HS256',
  });
  try {
    await axios.post(`${context.webtask.secrets.apihost}/users`, { email: user.email }, {
      headers: { authorization: `Bearer ${token}` },
    });
    cb(null, { ok: true });
  } catch (error) {
    cb(error);
  }
};
