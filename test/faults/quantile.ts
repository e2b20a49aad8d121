/** The value below which this share of them lies. */
export const quantile = (values: readonly number[], share: number): number =>
  Float64Array.from(values).toSorted()[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
