module.exports = function (user, context, cb) {
  if (user.app_metadata.plan !== 'free') return cb('only for the plan free')
  cb()
}
