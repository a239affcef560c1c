import type { AssayReader } from '@assay/sdk/client/clients.ts'

/** The chain's own time in unix seconds, by which its deadlines count. */
export async function chainSeconds({ chain }: AssayReader): Promise<number> {
  return Number((await chain.getBlock()).timestamp)
}
