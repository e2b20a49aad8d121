/** A `.env` with what a reader of the examples would have filled in. */
export const DOT_ENV = `ONSIGNUP_TOKEN=token-of-callers
AUTH0_STREAM_TOKEN=token-of-the-stream
SLACK_BOT_TOKEN=xoxb-1-2-three
SLACK_WEBHOOK_URL=https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX
SLACK_HOOK=https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX
SF_LOGIN_URL=https://acme.my.salesforce.com
SF_CLIENT_ID=the-client-id
SF_CLIENT_SECRET=the-client-secret
SMTP_SERVER=smtp://smtp.acme.com:587
SMTP_USER=hello
SMTP_PASSWORD=the-password
MAIL_CLIENT_ID=the-app
MAIL_CLIENT_SECRET=the-secret-of-the-app
MAIL_REFRESH_TOKEN=the-grant
MAIL_KEY=the-mail-key
mail_url=https://mail.acme.com/send
MAIL_FROM="Acme <hello@acme.com>"
`
