// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A contract whose storage anyone can read
/// @notice View functions would take up code size that the contract needs. This one function returns raw storage slots
/// instead; {RoundsSlots} says where the values are, {RoundsLens} what they mean.
interface ISlotReader {
    /// @notice The values of any storage slots, all as of one block.
    /// @param slots any number, in any order
    /// @return time unix seconds of that block, for telling the phase
    /// @return values one for each slot in the same order; 0 for a slot that was never written
    function readSlots(bytes32[] calldata slots) external view returns (uint256 time, bytes32[] memory values);
}
