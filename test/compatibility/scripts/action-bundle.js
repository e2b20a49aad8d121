"use strict";
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// src/action.ts
var action_exports = {};
__export(action_exports, {
  onExecutePostUserRegistration: () => onExecutePostUserRegistration
});
module.exports = __toCommonJS(action_exports);
var onExecutePostUserRegistration = async (event) => {
  const answer = await fetch(event.secrets.APP_URL + "/users", { method: "POST", body: JSON.stringify({ email: event.user.email }) });
  console.log("answered", answer.status);
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  onExecutePostUserRegistration
});
