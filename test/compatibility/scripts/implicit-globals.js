request = require('request');

WEBHOOK_PATH = '/webhook';

sendRegistrationInformation = function (host, user, done) {
  TOKEN = 'token of ' + user.username;
  request.post({ url: host + WEBHOOK_PATH, json: { token: TOKEN, email: user.email } }, function (err, res) {
    done(err, res && res.statusCode);
  });
};

module.exports = function (user, context, cb) {
  sendRegistrationInformation(context.webtask.secrets.apihost, user, function (err, status) {
    for (i = 0; i < 2; i++) console.log('round ' + i);
    cb(err, { status: status });
  });
};
