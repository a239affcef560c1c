// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./interfaces/IBeacon.sol";

/// @title A beacon of block hashes, for local and test networks
/// @notice The value is the hash of a block that is fixed in advance, hashed with chain, contract and request. The
/// contract has no state: a request is the number of the block that counts.
///
/// Warning: whoever builds that block can discard it and try another one, and so can bias the value at the price of a
/// block. A chain keeps a block hash for 256 blocks, and for 8,191 blocks in the history contract of EIP-2935 where it
/// has one. After that the value is expired for good, and it is never drawn again.
contract BlockHashBeacon is IBeacon {
    /// @notice Least {delayBlocks}: the next block, whose hash nobody knows yet.
    uint256 public constant MIN_DELAY_BLOCKS = 1;
    /// @notice Most {delayBlocks}: it limits the wait for a seal.
    uint256 public constant MAX_DELAY_BLOCKS = 16;

    /// The contract in which a chain with EIP-2935 keeps the hashes of the last 8,191 blocks. Called with 32 bytes, a
    /// block number, it returns the hash, or reverts for a block that it doesn't have.
    address private constant _HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    uint256 private immutable _DELAY_BLOCKS;

    /// @notice The delay is out of bounds.
    /// @param delayBlocks blocks given
    /// @param minimum least blocks
    /// @param maximum most blocks
    error BlockHashBeacon_DelayOutOfBounds(uint256 delayBlocks, uint256 minimum, uint256 maximum);

    /// @notice Sets the delay, for good.
    /// @param delayBlocks_ blocks from a request to the block that counts, 1…16
    constructor(uint256 delayBlocks_) {
        if (delayBlocks_ < MIN_DELAY_BLOCKS || delayBlocks_ > MAX_DELAY_BLOCKS) {
            revert BlockHashBeacon_DelayOutOfBounds(delayBlocks_, MIN_DELAY_BLOCKS, MAX_DELAY_BLOCKS);
        }

        _DELAY_BLOCKS = delayBlocks_;
    }

    /// @notice Blocks from a request to the block whose hash counts.
    /// @return blocks, 1…16
    function delayBlocks() external view returns (uint256) {
        return _DELAY_BLOCKS;
    }

    /// @inheritdoc IBeacon
    function request() external view returns (uint64 requestId) {
        // A block number never reaches 2⁶⁴.
        return uint64(block.number + _DELAY_BLOCKS);
    }

    /// @inheritdoc IBeacon
    function read(uint64 requestId) external view returns (Status status, bytes32 value) {
        if (block.number <= requestId) return (Status.Pending, 0);

        bytes32 blockHash = _hashOf(requestId);
        if (blockHash == 0) return (Status.Expired, 0);

        return (Status.Ready, keccak256(abi.encode(block.chainid, address(this), requestId, blockHash)));
    }

    /// @dev The hash of a past block, zero if neither the chain nor its history has it. Where no history contract is
    /// deployed, the call succeeds and returns nothing.
    function _hashOf(uint256 blockNumber) private view returns (bytes32 blockHash) {
        blockHash = blockhash(blockNumber);
        if (blockHash != 0) return blockHash;

        address history = _HISTORY;
        assembly ("memory-safe") {
            mstore(0x00, blockNumber)
            let isAnswered := staticcall(gas(), history, 0x00, 0x20, 0x20, 0x20)
            if and(isAnswered, eq(returndatasize(), 0x20)) {
                blockHash := mload(0x20)
            }
        }
    }
}
