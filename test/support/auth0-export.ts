/** A deploy-cli export of a tenant with 2 Hooks and 3 Actions for our trigger, and one of each for others. */
export const AUTH0_EXPORT: Readonly<Record<string, string>> = {
  'export/tenant.yaml': `tenant:
  friendly_name: ##COMPANY##
  flags: @@FLAGS@@
clients: []
hooks:
  - name: Welcome Mail
    script: ./hooks/Welcome Mail.js
    dependencies:
      axios: 0.19.2
      lodash: ^4.17.21
    enabled: true
    secrets:
      MAIL_KEY: _VALUE_NOT_SHOWN_
      mail-url: _VALUE_NOT_SHOWN_
    triggerId: post-user-registration
  - name: old-slack
    script: ./hooks/old-slack.js
    dependencies: {}
    enabled: false
    secrets:
      SLACK_URL: _VALUE_NOT_SHOWN_
    triggerId: post-user-registration
  - name: gate
    script: ./hooks/gate.js
    enabled: true
    secrets: {}
    dependencies: {}
    triggerId: pre-user-registration
actions:
  - name: Sync to CRM
    deployed: true
    code: ./actions/Sync to CRM/code.js
    runtime: node18
    dependencies:
      - name: axios
        version: 1.7.2
    status: built
    secrets:
      - name: CRM_TOKEN
        value: _VALUE_NOT_SHOWN_
      - name: SLACK_URL
        value: _VALUE_NOT_SHOWN_
    supported_triggers:
      - id: post-user-registration
        version: v2
  - name: Tell Slack
    deployed: true
    code: ./actions/Tell Slack/code.js
    runtime: node22
    dependencies: []
    status: built
    secrets:
      - name: SLACK_URL
        value: _VALUE_NOT_SHOWN_
    supported_triggers:
      - id: post-user-registration
        version: v2
  - name: Draft
    deployed: false
    code: ./actions/Draft/code.js
    dependencies: []
    secrets: []
    supported_triggers:
      - id: post-user-registration
        version: v2
  - name: Add roles
    deployed: true
    code: ./actions/Add roles/code.js
    dependencies: []
    secrets: []
    supported_triggers:
      - id: post-login
        version: v3
triggers:
  post-login:
    - action_name: Add roles
      display_name: Add roles
  post-user-registration:
    - action_name: Tell Slack
      display_name: Tell Slack
    - action_name: Sync to CRM
      display_name: Sync to CRM
`,
  'export/hooks/Welcome Mail.js': `// Sends the welcome mail of ##COMPANY##.
const axios = require('axios@0.19.2')
const _ = require('lodash')

module.exports = function (user, context, cb) {
  const { secrets } = context.webtask
  axios.post(secrets['mail-url'], { to: _.trim(user.email), from: "##FROM##", key: secrets.MAIL_KEY })
    .then(() => axios.post(secrets.AUDIT_URL, { user: user.id }))
  cb()
}
`,
  'export/hooks/old-slack.js': `const notify = require('slack-notify')

module.exports = (user, context, cb) => notify(context.webtask.secrets.SLACK_URL).send(user.email, cb)
`,
  'export/actions/Sync to CRM/code.js': `const axios = require('axios')

exports.onExecutePostUserRegistration = async (event, api) => {
  await axios.post('https://crm.example.com/contacts', { email: event.user.email }, {
    headers: { authorization: \`Bearer \${event.secrets.CRM_TOKEN}\` },
  })
  await axios.post(event.secrets.SLACK_URL, { text: 'synced' })
  api.user.setUserMetadata('crm', true)
}
`,
  'export/actions/Tell Slack/code.js': `exports.onExecutePostUserRegistration = async (event) => {
  await fetch(event.secrets.SLACK_URL, { method: 'POST', body: JSON.stringify({ text: event.user.email }) })
}
`,
  'export/actions/Draft/code.js': 'exports.onExecutePostUserRegistration = async () => {}\n',
  'export/actions/Add roles/code.js': 'exports.onExecutePostLogin = async () => {}\n',
}
