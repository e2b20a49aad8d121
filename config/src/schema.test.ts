import { describe, expect, test } from 'vitest'
import { referencePage } from './reference.ts'
import { configurationSchema } from './schema.ts'
import { chat, idp } from './test-support.ts'

const schema = configurationSchema([chat], { idp })
const REFERENCE = { type: 'string', pattern: '\\$\\{[A-Za-z_]\\w*(:[-?].*)?\\}' }

describe('the schema of the file', () => {
  test('knows the sections and refuses others', () => {
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required: ['connectors'],
      additionalProperties: false,
      properties: { server: { additionalProperties: false }, store: { type: 'string' } },
    })
  })

  test('completes the sources by the name of the provider, and any other name by what it uses', () => {
    expect(schema).toMatchObject({
      properties: {
        sources: {
          properties: { idp: { $ref: '#/definitions/source-idp' } },
          additionalProperties: { required: ['uses'], properties: { uses: { enum: ['idp'] } } },
        },
      },
      definitions: {
        'source-idp': {
          additionalProperties: false,
          properties: { uses: { type: 'string' }, token: { writeOnly: true } },
        },
      },
    })
  })

  test('completes the built-in names and takes any other', () => {
    expect(schema).toMatchObject({
      definitions: {
        connector: { properties: { uses: { anyOf: [{ enum: ['chat'] }, { type: 'string' }] } } },
      },
    })
  })

  test("completes a plugin's options under its name", () => {
    expect(schema).toMatchObject({
      definitions: {
        connector: {
          allOf: [
            {
              if: { properties: { uses: { const: 'chat' } }, required: ['uses'] },
              // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's keyword
              then: { properties: { with: { $ref: '#/definitions/chat' } }, required: ['with'] },
            },
          ],
        },
        chat: { required: ['token', 'channel'], additionalProperties: false },
      },
    })
  })

  test('takes a reference wherever a value is limited', () => {
    expect(schema).toMatchObject({
      properties: {
        server: {
          properties: { port: { default: 8080, anyOf: [{ type: 'integer', maximum: 65_535 }, REFERENCE] } },
        },
      },
      definitions: {
        connector: {
          properties: { timeout: { anyOf: [{ pattern: expect.stringContaining('ms|s|m') }, REFERENCE] } },
        },
        chat: {
          properties: {
            loud: { anyOf: [{ type: 'boolean' }, REFERENCE] },
            mode: { anyOf: [{ enum: ['create', 'upsert'] }, REFERENCE] },
            channel: { type: 'string' },
          },
        },
      },
    })
  })

  test('names nothing that it does not define', () => {
    const named = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)
    expect(named).toContain('definitions/chat/definitions/__schema0')
    for (const path of named) {
      const found = path
        .split('/')
        .reduce<unknown>(
          (node, key) =>
            typeof node === 'object' && node !== null
              ? Object.entries(node).find(([name]) => name === key)?.[1]
              : undefined,
          schema,
        )
      expect([path, typeof found]).toEqual([path, 'object'])
    }
  })
})

describe('the reference page', () => {
  const page = referencePage([chat], { idp })

  test('has a line for every key, nested ones too, with its default', () => {
    expect(page).toContain('| `server.port` | a whole number from 0 to 65535 | `8080` | The port')
    expect(page).toContain('| `server.grace` | a duration | `"8s"` | ')
    expect(page).toContain('| `retry.max_attempts` | a whole number from 1 to 1000 | 12 | Tries until')
    expect(page).toContain('| `connectors` | a mapping | required | ')
  })

  test("has a section for every plugin's options, with what is a secret and what a template", () => {
    expect(page).toContain('## with, for `uses: chat`')
    expect(page).toContain('| `token` | text, secret | required | The bot token. Keep it. |')
    expect(page).toContain('| `text` | text, template |  |  |')
    expect(page).toContain('| `mode` | `create` or `upsert` | `"upsert"` |  |')
    expect(page).toContain('| `id.field` | text | required |  |')
  })
})
