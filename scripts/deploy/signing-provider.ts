import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { createPublicClient, type Hex, hexToBigInt, hexToNumber, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

interface TransactionRequest {
  to?: Hex
  data?: Hex
  value?: Hex
  nonce?: Hex
  gas?: Hex
  gasPrice?: Hex
  maxFeePerGas?: Hex
  maxPriorityFeePerGas?: Hex
}

/**
 * A node by URL, for Ignition: transactions are signed here with the given key, everything else goes to the node.
 * @param privateKey without it the node's own unlocked accounts sign, as on development chains
 */
export function signingProvider(rpcUrl: string, privateKey?: Hex): EIP1193Provider {
  const chain = createPublicClient({ transport: http(rpcUrl, { retryCount: 2 }) })
  const ask = (method: string, params: unknown) => chain.request({ method, params } as never)
  if (privateKey === undefined) return { request: ({ method, params }) => ask(method, params ?? []) }

  const account = privateKeyToAccount(privateKey)
  return {
    request: async ({ method, params }) => {
      if (method === 'eth_accounts') return [account.address.toLowerCase()]
      if (method !== 'eth_sendTransaction') return ask(method, params ?? [])
      const [transaction] = params as [TransactionRequest]
      const raw = await account.signTransaction(unsigned(transaction, await chain.getChainId()))
      return ask('eth_sendRawTransaction', [raw])
    },
  }
}

function unsigned(
  { to, data = '0x', value = '0x0', nonce, gas, ...fees }: TransactionRequest,
  chainId: number,
) {
  const body = {
    chainId,
    data,
    value: hexToBigInt(value),
    nonce: hexToNumber(nonce ?? '0x0'),
    gas: hexToBigInt(gas ?? '0x0'),
    ...(to === undefined ? {} : { to }),
  }
  if (fees.maxFeePerGas === undefined)
    return { ...body, type: 'legacy', gasPrice: hexToBigInt(fees.gasPrice ?? '0x0') } as const
  return {
    ...body,
    type: 'eip1559',
    maxFeePerGas: hexToBigInt(fees.maxFeePerGas),
    maxPriorityFeePerGas: hexToBigInt(fees.maxPriorityFeePerGas ?? '0x0'),
  } as const
}
