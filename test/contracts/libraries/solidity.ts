import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Interface, type InterfaceAbi } from 'ethers'
import { network } from 'hardhat'

const ARTIFACT = join(
  import.meta.dirname,
  '../../../artifacts/test/solidity/fixtures/Libraries.sol/Libraries.json',
)
/** As many as fit into the gas limit of one transaction, which also limits a call. */
const CALLS_PER_REQUEST = 150
const GAS = 16_777_216

/** What a library function answered: its results, or `undefined` for a revert. */
export type Answer = string[] | undefined

/** The library functions that {@link openLibraries} can run. */
export async function libraryFunctions(): Promise<string[]> {
  const { abi } = JSON.parse(await readFile(ARTIFACT, 'utf8')) as { abi: { type: string; name: string }[] }
  return abi.filter(({ type, name }) => type === 'function' && name !== 'batch').map(({ name }) => name)
}

/** Runs library functions inside Hardhat's EVM, many to a request. Results are decoded to text. */
export async function openLibraries(): Promise<
  (calls: { name: string; args: unknown[] }[]) => Promise<Answer[]>
> {
  const { abi, bytecode } = JSON.parse(await readFile(ARTIFACT, 'utf8')) as {
    abi: InterfaceAbi
    bytecode: string
  }
  const libraries = new Interface(abi)
  const connection = await network.create()
  const contract = await new connection.ethers.ContractFactory(
    libraries,
    bytecode,
    (await connection.ethers.getSigners())[0]!,
  ).deploy()
  const to = await contract.getAddress()

  const ask = async (calls: { name: string; args: unknown[] }[]): Promise<Answer[]> => {
    const encoded = calls.map(({ name, args }) => libraries.encodeFunctionData(name, args))
    const data = libraries.encodeFunctionData('batch', [encoded])
    const raw = await connection.provider.request({
      method: 'eth_call',
      params: [{ to, data, gas: `0x${GAS.toString(16)}` }, 'latest'],
    })
    const [answers] = libraries.decodeFunctionResult('batch', raw as string) as unknown as [
      [boolean, string][],
    ]
    return answers.map(([succeeded, bytes], i) =>
      succeeded ? libraries.decodeFunctionResult(calls[i]!.name, bytes).map(String) : undefined,
    )
  }
  return async (calls) => {
    const answers: Answer[] = []
    for (let at = 0; at < calls.length; at += CALLS_PER_REQUEST) {
      answers.push(...(await ask(calls.slice(at, at + CALLS_PER_REQUEST))))
    }
    return answers
  }
}
