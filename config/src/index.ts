export { ConfigurationError, type ConfigurationFinding } from './finding.ts'
export {
  loadConfiguration,
  type Configuration,
  type ConfigurationPorts,
  type ConnectorConfiguration,
  type ServiceConfiguration,
} from './load.ts'
export type { ResolvePlugin } from './connector.ts'
export { outlineConnectors, outlineService, type OutlinedConnector } from './outline.ts'
export { referencePage } from './reference.ts'
export { configurationSchema, type Sources } from './schema.ts'
export type { ResolveSource, SourceConfiguration } from './source.ts'
export {
  addConnectors,
  isCommentedOut,
  variablesIn,
  writtenConnectors,
  type NewConnector,
  type WrittenConnector,
} from './write.ts'
