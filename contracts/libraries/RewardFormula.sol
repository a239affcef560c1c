// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The reward formula
/// @notice Reward = (Compute_Contribution × Quality_Score) + (Data_Contribution × Rarity_Factor)
///                + (Validation_Service × Uptime_Bonus)
///
///     contributor: pay = ρ · ε · ( priceCompute · C · ℓ · Q  +  priceData · D · R )
///     validator:   pay = priceValidation · V · U
///
/// ρ reputation, ε early bonus, C compute units of the assigned steps, ℓ their proven fraction, Q quality, D data
/// units, R rarity, V accurate entries, U uptime bonus. Prices are in reward-token wei per unit, fractions in bps
/// (10,000 = 1). Each term is multiplied first, divided once and rounded down; the remainder stays in the task's
/// escrow. Twin: `sdk/protocol/reward-formula.ts`.
library RewardFormula {
    uint256 private constant BPS = 10_000;

    /// Largest ρ, Q, R and U, for the reserve of a round.
    uint256 internal constant MAX_REPUTATION_BPS = 15_000;
    uint256 internal constant MAX_QUALITY_BPS = 10_000;
    uint256 internal constant MAX_RARITY_BPS = 20_000;
    uint256 internal constant MAX_UPTIME_BPS = 12_000;
    /// Draws of a cohort's committee: the first and one redraw.
    uint256 internal constant MAX_DRAWS = 2;
    uint256 private constant COHORT_SIZE = 16;

    // ⌊10,000 · 0.05^(1/m)⌋ for m = 0…48, sixteen 16-bit values in a word, m = 0 in the lowest bits.
    uint256 private constant PROVEN_0_TO_15 = 0x1ffd1f891f051e6e1dbf1cf31c001adc197617b5157412780e6408bc01f40000;
    uint256 private constant PROVEN_16_TO_31 = 0x23762359233a231922f522cf22a6227a224a221621de21a0215d211220c02064;
    uint256 private constant PROVEN_32_TO_47 = 0x24a62499248b247d246f245f244f243e242c2419240623f123db23c423ac2392;
    uint256 private constant PROVEN_48 = 9_394;

    /// @notice There are more proven windows than the maximum.
    /// @param proven windows given
    /// @param maximum 48
    error RewardFormula_TooManyProvenWindows(uint256 proven, uint256 maximum);

    /// @param priceCompute reward wei per compute unit
    /// @param computeUnits C, of all assigned steps
    /// @param provenBps ℓ, 0…9,394
    /// @param qualityBps Q, 0…10,000
    /// @param priceData reward wei per data unit
    /// @param dataUnits D
    /// @param rarityBps R, 0…20,000
    /// @param reputationBps ρ, 5,000…15,000
    /// @param earlyBonusBps ε, 10,000…20,000
    struct Inputs {
        uint96 priceCompute;
        uint32 computeUnits;
        uint16 provenBps;
        uint16 qualityBps;
        uint96 priceData;
        uint32 dataUnits;
        uint16 rarityBps;
        uint16 reputationBps;
        uint16 earlyBonusBps;
    }

    /// @param slots most submissions of a round
    /// @param committeeSize seats a cohort
    /// @param earlyBonusBps ε of round 1, the largest
    /// @param priceCompute reward wei per compute unit
    /// @param computeUnits C
    /// @param priceData reward wei per data unit
    /// @param dataUnits the task's limit of D
    /// @param priceValidation reward wei per accurate entry
    struct Limits {
        uint16 slots;
        uint8 committeeSize;
        uint16 earlyBonusBps;
        uint96 priceCompute;
        uint32 computeUnits;
        uint96 priceData;
        uint32 dataUnits;
        uint96 priceValidation;
    }

    /// @notice Proven fraction ℓ of the assigned steps after m windows replayed without a miss.
    /// @dev If only a share ℓ of the steps was done as committed, m random replays would all pass with probability ℓ^m.
    /// ℓ = 0.05^(1/m) is the share for which that is 5 %: with 95 % confidence at least ℓ of the work was done. ℓ(0) =
    /// 0.
    /// @param proven m, 0…48; more reverts with `RewardFormula_TooManyProvenWindows`
    /// @return ℓ, 0…9,394
    function provenFractionBps(uint256 proven) internal pure returns (uint256) {
        uint256 word = PROVEN_0_TO_15;
        if (proven > 15) {
            if (proven > 48) revert RewardFormula_TooManyProvenWindows(proven, 48);
            if (proven == 48) return PROVEN_48;
            word = proven < 32 ? PROVEN_16_TO_31 : PROVEN_32_TO_47;
        }
        return (word >> (16 * (proven % 16))) & 0xffff;
    }

    /// @notice ε of a round. It falls in equal steps, from the bonus in round 1 to 1 in round bonusRounds + 1.
    /// @param bonusBps ε of round 1, 10,000…20,000
    /// @param bonusRounds rounds with a bonus, may be 0
    /// @param round from 1
    /// @return ε, 10,000…bonusBps
    function earlyBonusBps(uint256 bonusBps, uint256 bonusRounds, uint256 round) internal pure returns (uint256) {
        if (round > bonusRounds) return BPS;
        return BPS + ((bonusBps - BPS) * (bonusRounds - (round - 1))) / bonusRounds;
    }

    /// @notice What a settled update earns, in reward wei.
    /// @param inputs of the formula, in their ranges
    /// @return computePay ρ · ε · priceCompute · C · ℓ · Q, zero when Q is zero
    /// @return dataPay ρ · ε · priceData · D · R, zero when Q is zero
    function contributorPay(Inputs memory inputs) internal pure returns (uint256 computePay, uint256 dataPay) {
        if (inputs.qualityBps == 0) return (0, 0);

        // By type at most 96 + 32 + 4·16 = 192 bits.
        unchecked {
            uint256 factor = uint256(inputs.reputationBps) * inputs.earlyBonusBps;
            computePay =
                (uint256(inputs.priceCompute) * inputs.computeUnits * inputs.provenBps * inputs.qualityBps * factor) /
                1e16;
            dataPay = (uint256(inputs.priceData) * inputs.dataUnits * inputs.rarityBps * factor) / 1e12;
        }
    }

    /// @notice What a validator earns in a round, in reward wei.
    /// @param priceValidation reward wei per accurate entry, < 2⁹⁶
    /// @param accurateEntries V
    /// @param uptimeBps U, 0 or 10,000…12,000
    /// @return reward wei
    function validatorPay(
        uint256 priceValidation,
        uint256 accurateEntries,
        uint256 uptimeBps
    ) internal pure returns (uint256) {
        return (priceValidation * accurateEntries * uptimeBps) / BPS;
    }

    /// @notice The most that a round can cost, in reward wei: every slot at the highest pay, and every entry of both
    /// draws accurate at the highest uptime bonus. Rounded up, so that it covers a sum of payments that are each
    /// rounded down.
    /// @param limits of a task
    /// @return reward wei
    function largestRoundCost(Limits memory limits) internal pure returns (uint256) {
        // By type at most 96 + 32 + 16 + 2 (sum, R) bits times 16 (slots) + 14 (ρ) + 16 (ε) bits: under 256.
        uint256 units =
            uint256(limits.priceCompute) * limits.computeUnits * MAX_QUALITY_BPS +
                uint256(limits.priceData) * limits.dataUnits * MAX_RARITY_BPS;
        uint256 work = units * limits.slots * MAX_REPUTATION_BPS * limits.earlyBonusBps;

        uint256 cohorts = (uint256(limits.slots) + COHORT_SIZE - 1) / COHORT_SIZE;
        uint256 entries = cohorts * COHORT_SIZE * limits.committeeSize * MAX_DRAWS;
        uint256 validation = entries * limits.priceValidation * MAX_UPTIME_BPS;

        return _ceilDiv(work, 1e12) + _ceilDiv(validation, BPS);
    }

    /// @dev ⌈a / b⌉; b is not 0.
    function _ceilDiv(uint256 a, uint256 b) private pure returns (uint256) {
        return a == 0 ? 0 : (a - 1) / b + 1;
    }
}
