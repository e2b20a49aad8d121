/**
 * @param {Event} event - Details about the context and user that has registered.
 * @param {PostUserRegistrationAPI} api - Methods and utilities to help change the behavior after a signup.
 */
exports.onExecutePostUserRegistration = async (event, api) => {
  const axios = require("axios");

  const { user, secrets: { API_ENDPOINT, API_KEY } } = event;

  const payload = {
    auth0Id: user.user_id,
    email: user.email,
    role: user.user_metadata?.role || "BAND",
  };

  await axios.post(API_ENDPOINT, payload, { headers: { "X-Api-Key": API_KEY }, timeout: 5000 });
};
