import { notFound, restError } from './salesforce-rest.ts'

// Three releases a year, from Summer '14: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_versions.htm
const OLDEST = 31
const NEWEST = 68

/** The answer of GET /services/data. */
export const VERSIONS = Array.from({ length: NEWEST - OLDEST + 1 }, (_, index) => {
  const sinceSpring14 = OLDEST + index - 30
  const season = ['Spring', 'Summer', 'Winter'][sinceSpring14 % 3]
  const year = 14 + Math.floor(sinceSpring14 / 3) + (season === 'Winter' ? 1 : 0)
  const version = `${OLDEST + index}.0`
  return { label: `${season} '${year}`, url: `/services/data/v${version}`, version }
})

/** The answer to a version that is retired or not there; undefined for one that works. */
export function refuseVersion(segment: string): Response | undefined {
  const version = Number(/^v(\d+)\.0$/.exec(segment)?.[1] ?? NaN)
  if (version < OLDEST) {
    return restError(410, 'UNSUPPORTED_API_VERSION', 'The requested API version has been retired')
  }
  return version <= NEWEST ? undefined : notFound()
}
