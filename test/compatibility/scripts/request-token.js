module.exports = function (user, context, cb) {
  const request = require("request");

  console.log("a user was created");

  var tokenOptions = { method: 'POST',
      url: context.webtask.secrets.apihost + '/oauth/token',
      headers: { 'content-type': 'application/json' },
      body:
       { grant_type: 'client_credentials',
         client_id: context.webtask.secrets.client_id,
         client_secret: context.webtask.secrets.client_secret },
      json: true };

  request(tokenOptions, function(error, response, body) {
    if (error) throw new Error(error);

    request({
      method: 'POST',
      url: context.webtask.secrets.apihost + '/users',
      headers: { authorization: 'Bearer ' + body.access_token },
      json: true,
      body: { userId: 'auth0|' + user.id, email: user.email, hobby: user.user_metadata.hobby }
    }, function(error, response, body) {
      if (error) throw new Error(error);
      console.log("answered", response.statusCode);
      cb(null, body);
    });
  });
};
