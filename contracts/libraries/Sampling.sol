// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a beacon draws
/// @notice Pure functions of a beacon and of frozen state: cohorts, committees, audits, and who may submit. The
/// TypeScript twins are `sdk/protocol/sampling.ts` and `sdk/protocol/cohorts.ts`. They also draw what no contract needs:
/// windows of held rounds, personal samples. One set of test vectors covers both sides.
///
/// A derived seed is `keccak256(abi.encode(seed, keccak256(label), words…))`. A draw below `bound` is a hash modulo
/// `bound`; its bias is below bound / 2²⁵⁶.
library Sampling {
    /// Members of a full cohort: a score sheet has two words of eight entries.
    uint256 internal constant COHORT_SIZE = 16;
    /// Places of a roster: the weights fill four words of sixteen.
    uint256 internal constant MAX_VALIDATORS = 64;
    /// The cohort number that stands for the root committee.
    uint256 internal constant ROOT_COHORT = type(uint32).max;
    /// Weight of a validator that stakes exactly the task's minimum.
    uint256 internal constant MIN_WEIGHT = 256;
    /// Weight from four times the minimum on: more stake on one account wins no more seats.
    uint256 internal constant MAX_WEIGHT = 1_024;

    uint256 private constant BPS = 10_000;
    uint256 private constant FEISTEL_ROUNDS = 4;
    /// 1 in each of sixteen 16-bit lanes. Multiplying by it leaves prefix sums of the other factor's lanes.
    uint256 private constant LANES = 0x0001000100010001000100010001000100010001000100010001000100010001;

    bytes32 internal constant AUDIT_LABEL = keccak256("audit");
    bytes32 internal constant COHORTS_LABEL = keccak256("cohorts");
    bytes32 internal constant COMMITTEE_LABEL = keccak256("committee");
    bytes32 internal constant REPLAY_LABEL = keccak256("replay");
    bytes32 internal constant SLOT_LABEL = keccak256("slot");

    /// @notice There are fewer validators with weight than seats to fill.
    /// @param drawn seats that were filled
    /// @param needed seats asked for
    error Sampling_TooFewValidators(uint256 drawn, uint256 needed);
    /// @notice The cohort does not exist.
    /// @param cohort that was asked for
    /// @param cohorts number of cohorts, which count from 0
    error Sampling_UnknownCohort(uint256 cohort, uint256 cohorts);
    /// @notice The position is outside [0, count).
    /// @param position that was asked for
    /// @param count number of positions
    error Sampling_PositionOutOfRange(uint256 position, uint256 count);
    /// @notice Weights need a minimum stake above zero.
    error Sampling_ZeroMinimumStake();

    // ---- cohorts

    /// @notice Number of cohorts of `count` submissions: ⌈count / 16⌉.
    /// @param count submissions of a round
    /// @return their number, 0 for no submissions
    function cohortCount(uint256 count) internal pure returns (uint256) {
        return (count + COHORT_SIZE - 1) / COHORT_SIZE;
    }

    /// @notice Positions of a cohort. Sizes differ by at most one: with base = ⌊count / cohorts⌋ the first count mod
    /// cohorts cohorts have base + 1 members, so start(c) = c·base + min(c, count mod cohorts).
    /// @param count submissions of the round
    /// @param cohort from 0; reverts with `Sampling_UnknownCohort` if there is no such cohort
    /// @return start position of its first member
    /// @return size number of its members, 1…16
    function cohortBounds(uint256 count, uint256 cohort) internal pure returns (uint256 start, uint256 size) {
        uint256 cohorts = cohortCount(count);
        if (cohort >= cohorts) revert Sampling_UnknownCohort(cohort, cohorts);

        // cohort < cohorts ≤ count / 16 + 1: nothing overflows, and cohorts is not zero.
        unchecked {
            uint256 base = count / cohorts;
            uint256 larger = count % cohorts;
            start = cohort * base + (cohort < larger ? cohort : larger);
            size = cohort < larger ? base + 1 : base;
        }
    }

    /// @notice Key of the permutation that puts submissions into cohorts.
    /// @param beacon of the round
    /// @return the key for {permuteOn}
    function cohortsKey(bytes32 beacon) internal pure returns (bytes32) {
        return keccak256(abi.encode(beacon, COHORTS_LABEL));
    }

    /// @notice Sides of the smallest grid for {permuteOn}: width = ⌈√count⌉, height = ⌈count / width⌉. A caller
    /// computes it once for all positions of a round.
    /// @param count size of the set, not 0
    /// @return width of the grid
    /// @return height of the grid
    function gridOf(uint256 count) internal pure returns (uint256 width, uint256 height) {
        if (count == 0) revert Sampling_PositionOutOfRange(0, 0);
        // Newton's method from above: it starts at 2^⌈bits/2⌉ ≥ √count and falls until it reaches ⌊√count⌋.
        uint256 root = 1;
        for (uint256 rest = count; rest > 0; rest >>= 2) root <<= 1;
        while (true) {
            uint256 closer = (root + count / root) >> 1;
            if (closer >= root) break;
            root = closer;
        }
        width = root * root == count ? root : root + 1;
        height = (count + width - 1) / width;
    }

    /// @notice A keyed bijection on [0, count): the index of the submission at a position. The caller gives the grid,
    /// so that it is computed once.
    /// @dev A position is a cell (x, y) = (p mod w, ⌊p / w⌋) of a w × h grid. Four Feistel rounds shift x by a hash of
    /// y, and y by a hash of x, in turn. Shifting back undoes each of them, so each is a bijection of the grid. While
    /// the result is a cell beyond `count` the rounds are applied again (cycle walking), which keeps the whole a
    /// bijection of [0, count). The grid has fewer than count + w cells, so nearly every position needs one pass.
    /// @param position 0 … count − 1; others revert with `Sampling_PositionOutOfRange`
    /// @param count size of the set
    /// @param width from {gridOf} of the same count
    /// @param height from {gridOf} of the same count
    /// @param key of the permutation
    /// @return index 0 … count − 1
    function permuteOn(
        uint256 position,
        uint256 count,
        uint256 width,
        uint256 height,
        bytes32 key
    ) internal pure returns (uint256 index) {
        if (position >= count) revert Sampling_PositionOutOfRange(position, count);

        index = position;
        do {
            uint256 x = index % width;
            uint256 y = index / width;
            // Each hash is keccak256(abi.encode(key, round, coordinate)), in free memory that isn't allocated; the key
            // is written once for all of them. addmod is exact where `add` would wrap.
            assembly ("memory-safe") {
                let scratch := mload(0x40)
                mstore(scratch, key)
                for {
                    let round := 0
                } lt(round, FEISTEL_ROUNDS) {
                    round := add(round, 2)
                } {
                    mstore(add(scratch, 0x20), round)
                    mstore(add(scratch, 0x40), y)
                    x := addmod(x, keccak256(scratch, 0x60), width)
                    mstore(add(scratch, 0x20), add(round, 1))
                    mstore(add(scratch, 0x40), x)
                    y := addmod(y, keccak256(scratch, 0x60), height)
                }
            }
            // y < height and x < width: y * width + x < width * height < 2 * count.
            unchecked {
                index = y * width + x;
            }
        } while (index >= count);
    }

    // ---- committees

    /// @notice Weight of a stake in the draw, in 1/256 of the task's minimum, at most four times the minimum.
    /// @param stake ASSAY wei reserved for the task
    /// @param minStake the task's `minValidatorStake` in ASSAY wei, not zero
    /// @return 0 below four fifths of the minimum, else 204…1,024. A validator that joined with the minimum thus stays
    /// in the draw after the slashes of its first missed duties, 1 + 2 + 4 + 8 %
    function weightOf(uint256 stake, uint256 minStake) internal pure returns (uint16) {
        if (minStake == 0) revert Sampling_ZeroMinimumStake();
        if (stake < minStake - minStake / 5) return 0;
        uint256 multiple = stake / minStake;
        if (multiple >= MAX_WEIGHT / MIN_WEIGHT) return uint16(MAX_WEIGHT);
        // stake < 4 × minStake here. A stake beyond 2²⁴⁸ wei does not exist; it would revert.
        return uint16((stake * MIN_WEIGHT) / minStake);
    }

    /// @notice Seed of a cohort's committee. The root committee has cohort ROOT_COHORT and attempt 0.
    /// @param beacon of the round
    /// @param cohort from 0
    /// @param attempt 0, or 1 in the redraw
    /// @return the seed for {drawCommittee}
    function committeeSeed(bytes32 beacon, uint256 cohort, uint256 attempt) internal pure returns (bytes32) {
        return keccak256(abi.encode(beacon, COMMITTEE_LABEL, cohort, attempt));
    }

    /// @notice Draws `seatCount` different validators, each with probability weight / sum of the remaining weights.
    /// @dev Seat j computes r = keccak256(abi.encode(seed, j)) mod T, where T is the sum of the remaining weights. It
    /// goes to the first roster index whose cumulative weight exceeds r. A word of sixteen 16-bit lanes times LANES has
    /// in lane i the sum of lanes 0…i: lane 15 is the sum of the word, and binary search finds the first lane above r.
    /// Sums stay below 2¹⁶ while weights are ≤ 4,095.
    /// @param seed from {committeeSeed}
    /// @param weights lane i % 16 of word i / 16 is the weight of roster index i; each ≤ 4,095 ({weightOf} gives ≤
    /// 1,024)
    /// @param seatCount k, at most 32; reverts with `Sampling_TooFewValidators` if fewer weights are left
    /// @param excludedMask bit i excludes roster index i
    /// @return seats byte j is the roster index of seat j, seat 0 in the lowest byte
    function drawCommittee(
        bytes32 seed,
        uint256[4] memory weights,
        uint256 seatCount,
        uint256 excludedMask
    ) internal pure returns (uint256 seats) {
        uint256[4] memory left = _without(weights, excludedMask);

        // Sums of 64 weights stay below 2^18, seat * 8 stays below 256.
        unchecked {
            for (uint256 seat = 0; seat < seatCount; ++seat) {
                uint256 total = _sum(left[0]) + _sum(left[1]) + _sum(left[2]) + _sum(left[3]);
                if (total == 0) revert Sampling_TooFewValidators(seat, seatCount);
                uint256 target = uint256(_hashPair(seed, seat)) % total;

                // target < total, so the word that holds the target comes before the fifth.
                uint256 word = 0;
                uint256 lanes = left[0];
                for (uint256 sum = _sum(lanes); target >= sum; sum = _sum(lanes)) {
                    target -= sum;
                    lanes = left[++word];
                }
                uint256 lane = _firstLaneAbove(lanes, target);
                left[word] = lanes & ~(uint256(0xffff) << (16 * lane));
                seats |= (16 * word + lane) << (8 * seat);
            }
        }
    }

    /// @notice Packed seats as a mask of roster indices, which a redraw excludes.
    /// @param seats as {drawCommittee} packs them
    /// @param seatCount k, at most 32
    /// @return mask bit i for roster index i
    function seatMask(uint256 seats, uint256 seatCount) internal pure returns (uint256 mask) {
        for (uint256 seat = 0; seat < seatCount; ++seat) mask |= 1 << ((seats >> (8 * seat)) & 0xff);
    }

    /// @dev A copy of the weights with 0 for each roster index i whose bit is set in `mask`.
    function _without(uint256[4] memory weights, uint256 mask) private pure returns (uint256[4] memory left) {
        for (uint256 word = 0; word < 4; ++word) left[word] = weights[word];
        mask &= type(uint64).max;
        for (uint256 index = 0; mask != 0; ++index) {
            if (mask & 1 == 1) left[index / 16] &= ~(uint256(0xffff) << (16 * (index % 16)));
            mask >>= 1;
        }
    }

    /// @dev The sum of a word's sixteen lanes, which must be below 2¹⁶.
    function _sum(uint256 lanes) private pure returns (uint256 sum) {
        // The product is meant to wrap: carries beyond lane 15 are lost.
        unchecked {
            return (lanes * LANES) >> 240;
        }
    }

    /// @dev The first lane whose prefix sum exceeds `target`. The sum of the word must exceed it.
    function _firstLaneAbove(uint256 lanes, uint256 target) private pure returns (uint256 lane) {
        // Prefix sums never fall from lane to lane, so binary search finds the first above; 16·lane < 256.
        unchecked {
            uint256 prefix = lanes * LANES;
            for (uint256 half = 8; half > 0; half >>= 1) {
                if (((prefix >> (16 * (lane + half - 1))) & 0xffff) <= target) lane += half;
            }
        }
    }

    // ---- audits and replays

    /// @notice Probability that an update is audited in depth: clamp(10 % · (2 − ρ) · (1 + 2·flagged), 5 %, 100 %), and
    /// at least 100 % − 5 % · seen for the first ten settled rounds.
    /// @param reputationBps ρ before this round, 5,000…15,000
    /// @param seen settled rounds of the contributor in this task
    /// @param flagged whether an audit of it failed since the last passed one
    /// @return bps 500…10,000
    function auditProbabilityBps(
        uint256 reputationBps,
        uint256 seen,
        bool flagged
    ) internal pure returns (uint256 bps) {
        // ρ ≤ 15,000: nothing wraps, and three times 10 % of 1.5 is below 100 %.
        unchecked {
            bps = (20_000 - reputationBps) / 10;
            if (flagged) bps *= 3;
            if (bps < 500) bps = 500;
            if (seen < 10 && BPS - 500 * seen > bps) bps = BPS - 500 * seen;
        }
    }

    /// @notice Whether the beacon draws the contributor's update for an audit: a hash of beacon and contributor, modulo
    /// 10,000, is below {auditProbabilityBps}.
    /// @param beacon of the round
    /// @param contributor whose update it is
    /// @param reputationBps ρ before this round, 5,000…15,000
    /// @param seen settled rounds of the contributor in this task
    /// @param flagged whether an audit of it failed since the last passed one
    /// @return true if it is audited
    function isAudited(
        bytes32 beacon,
        address contributor,
        uint256 reputationBps,
        uint256 seen,
        bool flagged
    ) internal pure returns (bool) {
        bytes32 label = AUDIT_LABEL;
        bytes32 hash;
        // keccak256(abi.encode(beacon, label, contributor)), in free memory that isn't allocated.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, beacon)
            mstore(add(free, 0x20), label)
            mstore(add(free, 0x40), contributor)
            hash := keccak256(free, 0x60)
        }
        return uint256(hash) % BPS < auditProbabilityBps(reputationBps, seen, flagged);
    }

    /// @notice Number of an update's replay windows that a seat is assigned: window i goes to seat i mod seatCount.
    /// @param windows number of windows drawn
    /// @param seatCount k, not 0
    /// @param seat 0 … seatCount − 1
    /// @return number of windows
    function assignedWindows(uint256 windows, uint256 seatCount, uint256 seat) internal pure returns (uint256) {
        return windows / seatCount + (seat < windows % seatCount ? 1 : 0);
    }

    /// @notice The i-th window drawn from a contributor's round; different for different i. In a task's last round, of
    /// contributors with held pay, windows of held rounds take turns with these: `finalReplay` of the twin.
    /// @param beacon of the round
    /// @param contributor whose round it is
    /// @param i 0 … min(drawn windows, totalWindows) − 1
    /// @param totalWindows windows of the round
    /// @return 0 … totalWindows − 1
    function replayWindow(
        bytes32 beacon,
        address contributor,
        uint256 i,
        uint256 totalWindows
    ) internal pure returns (uint256) {
        (uint256 width, uint256 height) = gridOf(totalWindows);
        return permuteOn(i, totalWindows, width, height, keccak256(abi.encode(beacon, REPLAY_LABEL, contributor)));
    }

    // ---- who may submit

    /// @notice Probability of being drawn to submit when more are enrolled than the round has slots: min(1, slots · ρ /
    /// Σρ).
    /// @param reputationBps ρ of the contributor
    /// @param reputationSum Σρ of all enrolled, in bps
    /// @param slots most submissions of the round
    /// @param enrolled contributors enrolled when the round opened
    /// @return 0…10,000
    function slotProbabilityBps(
        uint256 reputationBps,
        uint256 reputationSum,
        uint256 slots,
        uint256 enrolled
    ) internal pure returns (uint256) {
        if (enrolled <= slots || reputationSum == 0) return BPS;
        uint256 bps = (BPS * slots * reputationBps) / reputationSum;
        return bps < BPS ? bps : BPS;
    }

    /// @notice Whether the previous beacon draws the contributor to submit in this round.
    /// @param previousBeacon of the last sealed round before this one
    /// @param taskId the task
    /// @param round from 1
    /// @param contributor who would submit
    /// @param probabilityBps from {slotProbabilityBps}
    /// @return true if it is drawn
    function isDrawnToSubmit(
        bytes32 previousBeacon,
        uint64 taskId,
        uint32 round,
        address contributor,
        uint256 probabilityBps
    ) internal pure returns (bool) {
        if (probabilityBps >= BPS) return true;
        bytes32 seed = keccak256(abi.encode(previousBeacon, SLOT_LABEL, taskId, round, contributor));
        return uint256(seed) % BPS < probabilityBps;
    }

    // ---- hashing without allocating memory

    /// @dev keccak256(abi.encode(seed, counter)), in scratch space.
    function _hashPair(bytes32 seed, uint256 counter) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            mstore(0x00, seed)
            mstore(0x20, counter)
            hash := keccak256(0x00, 0x40)
        }
    }
}
