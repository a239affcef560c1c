import { expect } from 'chai'
import { StoreLocationError, storeLocation } from './store-location.ts'

describe('the location of a store', () => {
  it('is a server or a folder, whichever is named', () => {
    expect(storeLocation({ storeUrl: 'http://127.0.0.1:8080' })).to.deep.equal({
      url: 'http://127.0.0.1:8080',
    })
    expect(storeLocation({ storeUrl: undefined, storeDir: 'blobs' })).to.deep.equal({ dir: 'blobs' })
  })

  for (const [what, options] of [
    ['none', {}],
    ['two', { storeUrl: 'http://127.0.0.1:8080', storeDir: 'blobs' }],
  ] as const) {
    it(`is refused when ${what} of them is named, in the words of whoever asked`, () => {
      expect(() => storeLocation(options)).to.throw(
        StoreLocationError,
        'Give exactly one of storeUrl and storeDir.',
      )
      expect(() => storeLocation(options, { url: '--store-url', dir: '--store-dir' })).to.throw(
        StoreLocationError,
        'Give exactly one of --store-url and --store-dir.',
      )
    })
  }
})
