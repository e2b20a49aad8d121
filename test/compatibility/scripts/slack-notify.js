module.exports = function (user, context, cb) {

  // The URL of an incoming webhook
  var SLACK_HOOK = context.webtask.secrets.SLACK_HOOK;

  var slack = require('slack-notify')(SLACK_HOOK);
  var message = 'New User: ' + (user.name || user.email) + ' (' + user.email + ')';
  var channel = '#some_channel';

  slack.success({
   text: message,
   channel: channel
  });

  // The message is still on its way when this returns.
  cb(null, user, context);
};
