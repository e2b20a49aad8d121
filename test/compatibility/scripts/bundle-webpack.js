module.exports =
/******/ (function(modules) { // webpackBootstrap
/******/ 	var installedModules = {};
/******/ 	function __webpack_require__(moduleId) {
/******/ 		if(installedModules[moduleId]) return installedModules[moduleId].exports;
/******/ 		var module = installedModules[moduleId] = { i: moduleId, l: false, exports: {} };
/******/ 		modules[moduleId].call(module.exports, module, module.exports, __webpack_require__);
/******/ 		module.l = true;
/******/ 		return module.exports;
/******/ 	}
/******/ 	return __webpack_require__(__webpack_require__.s = 0);
/******/ })
/************************************************************************/
/******/ ([
/* 0 */
/***/ (function(module, exports, __webpack_require__) {

"use strict";
const http = __webpack_require__(1);
const post = __webpack_require__(2);
module.exports = function (user, context, cb) {
  post(http, context.webtask.secrets.apihost + "/users", { email: user.email }, cb);
};

/***/ }),
/* 1 */
/***/ (function(module, exports) {

module.exports = require("http");

/***/ }),
/* 2 */
/***/ (function(module, exports, __webpack_require__) {

"use strict";
let require = null; // a bundle's own
module.exports = function post(http, url, body, done) {
  const req = http.request(url, { method: "POST", headers: { "content-type": "application/json" } }, (res) => {
    res.resume();
    res.on("end", () => done(null, { status: res.statusCode }));
  });
  req.on("error", done);
  req.end(JSON.stringify(body));
};

/***/ })
/******/ ]);
