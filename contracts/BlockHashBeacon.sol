// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./interfaces/IBeacon.sol";

/// @title A beacon of block hashes, for local and test networks
/// @notice The value is the hash of a block that is fixed in advance, hashed with chain, contract and request. The
/// contract has no state: a request is the number of the block that counts.
///
/// Warning: whoever builds that block can discard it and try another one, and so can bias the value at the price of a
/// block. The chain keeps a block hash for 256 blocks; after that the value is expired for good, and it is never drawn
/// again.
contract BlockHashBeacon is IBeacon {
    /// @notice Least {delayBlocks}: the next block, whose hash nobody knows yet.
    uint256 public constant MIN_DELAY_BLOCKS = 1;
    /// @notice Most {delayBlocks}: it limits the wait for a seal.
    uint256 public constant MAX_DELAY_BLOCKS = 16;

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

        // Zero if the block is older than the chain keeps hashes.
        bytes32 blockHash = blockhash(requestId);
        if (blockHash == 0) return (Status.Expired, 0);

        return (Status.Ready, keccak256(abi.encode(block.chainid, address(this), requestId, blockHash)));
    }
}
