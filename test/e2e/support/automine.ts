import { type DemoChain, startChain } from '../../../scripts/demo/chain.ts'

/** A real anvil that mines each transaction at once, a second after the last, and whose processes end with `stop`. */
export async function startAutomine(
  chainId = 31337,
  flags: string[] = [],
): Promise<DemoChain & { stop(): Promise<void> }> {
  const chain = await startChain(chainId, flags)
  await chain.client.setBlockTimestampInterval({ interval: 1 })
  await chain.client.setAutomine(true)
  const stop = async () => {
    const ended = new Promise((closed) => chain.process.once('exit', closed))
    chain.process.kill('SIGKILL')
    await ended
  }
  return { ...chain, stop }
}
