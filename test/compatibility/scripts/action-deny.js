exports.onExecutePostUserRegistration = async (event, api) => {
  if (!event.user.email.endsWith('@example.com')) {
    api.access.deny('not of us', { error: 'invalid_email' });
    return;
  }
};
