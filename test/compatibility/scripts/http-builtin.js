module.exports = function (user, context, cb) {

const http = require('http');

console.log(JSON.stringify(user));

const postData = JSON.stringify({
  'userId': 'auth0|' + user.id,
  'email': user.email,
  'hobby': user.user_metadata.hobby
});

const options = {
  hostname: context.webtask.secrets.hostname,
  port: context.webtask.secrets.port,
  path: '/users',
  method: 'POST',
  headers: {
    'x-api-key': context.webtask.secrets.apikey,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(postData)
  }
};

const req = http.request(options, (res) => {
  console.log(`STATUS: ${res.statusCode}`);
  res.setEncoding('utf8');
  res.on('data', (chunk) => {
    console.log(`BODY: ${chunk}`);
  });
  res.on('end', () => {
    cb(null, { status: res.statusCode });
  });
});

req.on('error', (e) => {
  cb(e);
});

req.write(postData);
req.end();
};
