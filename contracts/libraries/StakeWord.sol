// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title One account's stake in one word
/// @notice active 96 bits | unbonding 96 bits | availableAt 40 bits, the lowest first. Amounts are in ASSAY wei, whose supply is
/// under 2⁹⁰; a time in unix seconds is under 2⁴⁰ for 34,000 years.
type StakeWord is uint256;

using {active, unbonding, availableAt, plusActive, withoutUnbonding} for StakeWord global;

using SafeCast for uint256;

/// @notice Wei that count for reservations.
function active(StakeWord self) pure returns (uint256) {
    return uint96(StakeWord.unwrap(self));
}

/// @notice Wei on their way out.
function unbonding(StakeWord self) pure returns (uint256) {
    return uint96(StakeWord.unwrap(self) >> 96);
}

/// @notice Unix seconds from which the unbonding wei can be withdrawn, 0 when there are none.
function availableAt(StakeWord self) pure returns (uint256) {
    return StakeWord.unwrap(self) >> 192;
}

/// @notice The same with `amountWei` more active; what doesn't fit reverts with SafeCast's error.
function plusActive(StakeWord self, uint256 amountWei) pure returns (StakeWord) {
    uint256 rest = StakeWord.unwrap(self) & ~uint256(type(uint96).max);
    return StakeWord.wrap(rest | (self.active() + amountWei).toUint96());
}

/// @notice The same with nothing on its way out.
function withoutUnbonding(StakeWord self) pure returns (StakeWord) {
    return StakeWord.wrap(self.active());
}

/// @notice Packs a stake; a part that doesn't fit reverts with SafeCast's error.
function packStake(uint256 activeWei, uint256 unbondingWei, uint256 availableAtSeconds) pure returns (StakeWord) {
    return
        StakeWord.wrap(
            uint256(activeWei.toUint96()) |
                (uint256(unbondingWei.toUint96()) << 96) |
                (uint256(availableAtSeconds.toUint40()) << 192)
        );
}
