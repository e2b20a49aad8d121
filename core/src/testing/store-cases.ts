import type { Case } from './plugin-cases.ts'
import { acceptingCases } from './store-cases/accepting.ts'
import { backfillingCases } from './store-cases/backfilling.ts'
import { onStoresOf, type MakeStore } from './store-cases/bench.ts'
import { forgettingCases } from './store-cases/forgetting.ts'
import { handingOutCases } from './store-cases/handing-out.ts'
import { keepingCases } from './store-cases/keeping.ts'
import { operatingCases } from './store-cases/operating.ts'
import { renamingCases } from './store-cases/renaming.ts'
import { restartingCases } from './store-cases/restarting.ts'

/** What every store keeps to; each case runs on a store of its own, which it closes and removes. */
export const storeCases = (make: MakeStore): readonly Case[] => {
  const it = onStoresOf(make)
  return [
    ...acceptingCases(it),
    ...handingOutCases(it),
    ...restartingCases(it),
    ...operatingCases(it),
    ...renamingCases(it),
    ...forgettingCases(it),
    ...keepingCases(it),
    ...backfillingCases(it),
  ]
}
