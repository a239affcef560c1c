// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Moving averages of contributors and validators
/// @notice A task remembers a few integers of each account, averaged over settled rounds. Twin:
/// `sdk/protocol/reputation.ts`.
library Reputation {
    /// ρ of a new contributor, and the lowest ρ.
    uint256 internal constant MIN_REPUTATION_BPS = 5_000;
    uint256 internal constant MAX_REPUTATION_BPS = 15_000;
    /// Cap of the pooled proven windows: ℓ(48) is 0.9394. It keeps early luck from lasting.
    uint256 internal constant MAX_PROVEN_WINDOWS = 48;
    /// Share of the pay that an audit decides on, lost if all of its windows are withheld. A fifth more than what was
    /// saved by not training them.
    uint256 private constant WITHHELD_BPS = 12_000;
    uint256 internal constant BPS = 10_000;
    /// Q and R of an update on which the seats can't decide, of a contributor that was never judged: it has no running
    /// values.
    uint256 internal constant NEUTRAL_QUALITY_BPS = 5_000;
    uint256 internal constant NEUTRAL_RARITY_BPS = 10_000;
    /// Duties from which on uptime counts.
    uint256 internal constant MIN_DUTIES = 10;
    /// Decayed sums are in 1/256 of a duty.
    uint256 internal constant DUTY_UNIT = 256;

    /// @notice ρ' = ρ + (½ + Q − ρ) / 8, with the change rounded toward zero: a moving average that forgets an eighth
    /// each round.
    /// @dev The target ½ + Q lies in 5,000…15,000, and ρ never moves past it. So ρ stays in these bounds.
    /// @param reputationBps ρ, 5,000…15,000
    /// @param qualityBps Q, 0…10,000
    /// @return ρ', 5,000…15,000
    function next(uint256 reputationBps, uint256 qualityBps) internal pure returns (uint256) {
        // Q ≤ 10,000; each subtraction takes the smaller from the larger.
        unchecked {
            uint256 target = MIN_REPUTATION_BPS + qualityBps;
            if (target >= reputationBps) return reputationBps + (target - reputationBps) / 8;
            return reputationBps - (reputationBps - target) / 8;
        }
    }

    /// @notice Running Q or R: the value of the first judged round, then running + (value − running) / 4, with the
    /// change rounded toward zero.
    /// @param running value before this round, in bps
    /// @param value of this round, in bps
    /// @param isJudged whether an earlier round was judged; unaudited ones were not
    /// @return running value after this round, in bps
    function runningNext(uint256 running, uint256 value, bool isJudged) internal pure returns (uint256) {
        if (!isJudged) return value;
        // The result lies between the two.
        unchecked {
            if (value >= running) return running + (value - running) / 4;
            return running - (running - value) / 4;
        }
    }

    /// @notice Pooled proven windows after an audited round: an eighth (at least one) is forgotten, the windows
    /// replayed now are added, and each withheld one takes as many as were drawn.
    /// @param proven m before, 0…48
    /// @param added windows replayed without a miss in this round
    /// @param lost withheld windows × windows drawn
    /// @return m', 0…48
    function provenNext(uint256 proven, uint256 added, uint256 lost) internal pure returns (uint256) {
        // ⌈m / 8⌉ ≤ m, and all numbers are small.
        unchecked {
            uint256 pooled = proven - (proven + 7) / 8 + added;
            pooled = pooled > lost ? pooled - lost : 0;
            return pooled < MAX_PROVEN_WINDOWS ? pooled : MAX_PROVEN_WINDOWS;
        }
    }

    /// @notice What is left of the pay that an audit decides on: 1 − 1.2 · withheld / drawn, at least 0. A contributor
    /// that skips a share x of its windows and doesn't show them loses 1.2 · x on average.
    /// @param withheld windows that were not shown, at most `drawn`
    /// @param drawn windows of the audit, not 0
    /// @return 0…10,000 bps
    function keptBps(uint256 withheld, uint256 drawn) internal pure returns (uint256) {
        // Both are small.
        unchecked {
            uint256 lost = (WITHHELD_BPS * withheld) / drawn;
            return lost < BPS ? BPS - lost : 0;
        }
    }

    /// @notice A decayed sum after a round with duties: s − s/8 + 256·fresh.
    /// @param sum s, in 1/256 of a duty
    /// @param fresh duties of the round, or those of them that were done
    /// @return s', in 1/256 of a duty; at most 2,048 × the largest `fresh` + 7
    function decayedSum(uint256 sum, uint256 fresh) internal pure returns (uint256) {
        return sum - sum / 8 + DUTY_UNIT * fresh;
    }

    /// @notice Uptime bonus U from the share p of duties done: 1 with fewer than ten duties ever; else 0 if p < 0.80,
    /// else 1 + 0.2 · clamp((p − 0.90) / 0.10, 0, 1).
    /// @param dutySum decayed sum of duties, in 1/256
    /// @param doneSum decayed sum of those done in time, in 1/256
    /// @param dutyTotal duties ever
    /// @return 0, or 10,000…12,000
    function uptimeBps(uint256 dutySum, uint256 doneSum, uint256 dutyTotal) internal pure returns (uint256) {
        if (dutyTotal < MIN_DUTIES || dutySum == 0) return 10_000;
        uint256 shareBps = (doneSum * 10_000) / dutySum;
        if (shareBps < 8_000) return 0;
        if (shareBps <= 9_000) return 10_000;
        uint256 aboveBps = shareBps < 10_000 ? shareBps - 9_000 : 1_000;
        return 10_000 + (2_000 * aboveBps) / 1_000;
    }
}
