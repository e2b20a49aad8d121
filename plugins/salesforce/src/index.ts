import { definePlugin } from '@onsignup/core'
import { createBudget } from './budget.ts'
import { createCheck } from './check.ts'
import { createClient } from './client.ts'
import { createDeliver } from './deliver.ts'
import { createDescriptions } from './description.ts'
import { grantOf } from './grant.ts'
import { complete, optionsSchema } from './options.ts'
import { createMapping, previewOf } from './record.ts'
import { createValidation } from './validation.ts'

/** The plugin `salesforce`: a record for every sign-up. */
export default definePlugin({
  name: 'salesforce',
  options: optionsSchema,
  defaults: { timeout: '60s', concurrency: 2, batch: { max_records: 200, max_wait: '500ms' } },
  async connect(given, services) {
    const options = complete(given)
    const mapping = createMapping(options, services.templates)
    const client = createClient(options, await grantOf(options, services), services)
    const budget = createBudget(options.max_api_usage, services.clock)
    const descriptions = createDescriptions(options, client, budget)
    const validation = createValidation(options, descriptions)
    return {
      repeats: options.operation === 'create' ? 'harmful' : 'harmless',
      postUserRegistrationBatch: createDeliver(options, mapping, { client, budget, validation }),
      start: (run) => validation.start(run),
      preview: (event) => previewOf(options, mapping, event),
      check: createCheck(options, client, descriptions),
      close: () => client.close(),
    }
  },
})
