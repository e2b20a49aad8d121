import { describe, expect, test } from 'vitest'
import { connectPlugin, pluginCases, sampleEvent, testRun } from '@onsignup/core/testing'
import salesforce from './index.ts'
import { CREDENTIALS } from './test-support.ts'

describe('the plugin', () => {
  for (const { name, run } of pluginCases(salesforce, { with: CREDENTIALS })) test(name, run)

  test.each([
    ['upsert', 'harmless'],
    ['create', 'harmful'],
  ])('says that a repeated %s is %s', async (operation, repeats) => {
    expect(await connectPlugin(salesforce, { ...CREDENTIALS, operation })).toHaveProperty('repeats', repeats)
  })

  test('refuses a wrong template when it connects', async () => {
    const options = { ...CREDENTIALS, fields: { LastName: '{{ user.familyname }}' } }
    await expect(connectPlugin(salesforce, options)).rejects.toMatchObject({ code: 'template_invalid' })
  })

  test('previews a create as a POST without an external id', async () => {
    const connector = await connectPlugin(salesforce, { ...CREDENTIALS, operation: 'create' })
    const preview = await connector.preview?.(sampleEvent(), testRun())
    expect(preview).toMatchObject({
      title: 'POST /services/data/v66.0/composite/sobjects',
      contentType: 'application/json',
      body: expect.not.stringContaining('Registration_Id__c'),
    })
  })
})
