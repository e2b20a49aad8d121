export { analyseScript, type ScriptAnalysis } from '../analysis.ts'
export {
  installModules,
  lookAtModules,
  planModules,
  writeManifest,
  type FolderPlan,
  type ScriptWithDependencies,
} from './install.ts'
export { ManifestError } from './manifest.ts'
export { detectPackageManager, type PackageManager } from './package-manager.ts'
