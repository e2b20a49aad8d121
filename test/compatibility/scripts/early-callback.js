module.exports = function (user, context, cb) {
  const request = require('request')
  const api = request.defaults({ baseUrl: context.webtask.secrets.apihost, json: true })

  const saveUser = () => {
    api.post('/users', { body: { username: user.username, role: 'Artist' } }, function (err, res) {
      if (err) {
        console.error(err)
        return
      }
      console.log('Created', res.statusCode)
    })
    cb()
  }

  api.get('/users', function (err, res, found) {
    if (err) return cb(err)
    if (Array.isArray(found) && found.length > 0) return cb()
    saveUser()
  })
}
