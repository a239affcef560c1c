// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title One account's stake in one word
/// @notice active 96 bits | unbonding 96 bits | availableAt 40 bits, the lowest first. Amounts are in ASSAY wei, whose supply is
/// under 2⁹⁰; a time in unix seconds is under 2⁴⁰ for 34,000 years.
type StakeWord is uint256;

using {active, unbonding, availableAt, plusActive, withoutUnbonding} for StakeWord global;

using SafeCast for uint256;

/// @notice Stake that counts for reservations.
/// @param self the account's word
/// @return ASSAY wei
function active(StakeWord self) pure returns (uint256) {
    return uint96(StakeWord.unwrap(self));
}

/// @notice Stake on its way out.
/// @param self the account's word
/// @return ASSAY wei
function unbonding(StakeWord self) pure returns (uint256) {
    return uint96(StakeWord.unwrap(self) >> 96);
}

/// @notice When the unbonding stake can be withdrawn.
/// @param self the account's word
/// @return unix seconds, 0 when there is none
function availableAt(StakeWord self) pure returns (uint256) {
    return StakeWord.unwrap(self) >> 192;
}

/// @notice The word with more active stake; what doesn't fit reverts with SafeCast's error.
/// @param self the account's word
/// @param amountWei ASSAY wei more
/// @return the word to store
function plusActive(StakeWord self, uint256 amountWei) pure returns (StakeWord) {
    uint256 rest = StakeWord.unwrap(self) & ~uint256(type(uint96).max);
    return StakeWord.wrap(rest | (self.active() + amountWei).toUint96());
}

/// @notice The word with nothing on its way out.
/// @param self the account's word
/// @return the word to store
function withoutUnbonding(StakeWord self) pure returns (StakeWord) {
    return StakeWord.wrap(self.active());
}

/// @notice Packs a stake; a part that doesn't fit reverts with SafeCast's error.
/// @param activeWei ASSAY wei, < 2⁹⁶
/// @param unbondingWei ASSAY wei, < 2⁹⁶
/// @param availableAtSeconds unix seconds, < 2⁴⁰
/// @return the word to store
function packStake(uint256 activeWei, uint256 unbondingWei, uint256 availableAtSeconds) pure returns (StakeWord) {
    return
        StakeWord.wrap(
            uint256(activeWei.toUint96()) |
                (uint256(unbondingWei.toUint96()) << 96) |
                (uint256(availableAtSeconds.toUint40()) << 192)
        );
}
