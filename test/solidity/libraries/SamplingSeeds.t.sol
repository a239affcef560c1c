// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Sampling} from "../../../contracts/libraries/Sampling.sol";
import {Draws} from "../fixtures/reference/Draws.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice Every draw has its own seed: keccak256(abi.encode(seed, keccak256(label), words…)), repeated here.
contract SamplingSeedsTest is Test {
    struct Place {
        bytes32 beacon;
        uint64 taskId;
        uint32 round;
        address validator;
        address contributor;
    }

    function testFuzz_SeedsAreTheHashesOfTheirLabelsAndWords(
        Place memory where,
        uint256 cohort,
        uint256 attempt
    ) public pure {
        bytes32[6] memory seeds = seedsOf(where, cohort, attempt);
        assertEq(seeds[0], keccak256(abi.encode(where.beacon, keccak256("cohorts"))));
        assertEq(seeds[1], keccak256(abi.encode(where.beacon, keccak256("committee"), cohort, attempt)));
        bytes memory words = abi.encode(where.taskId, where.round);
        bytes memory people = abi.encode(where.validator, where.contributor);
        assertEq(seeds[2], keccak256(bytes.concat(where.beacon, keccak256("personal"), words, people)));
        assertEq(
            seeds[3],
            keccak256(bytes.concat(where.beacon, keccak256("root"), words, abi.encode(where.validator)))
        );
        assertEq(
            seeds[4],
            keccak256(bytes.concat(where.beacon, keccak256("batches"), words, abi.encode(where.contributor)))
        );
    }

    /// Seeds that differ in one word, or only in the label, give different draws.
    function testFuzz_NoTwoSeedsAreTheSame(
        Place memory where,
        uint256 cohort,
        uint256 attempt,
        uint8 change
    ) public pure {
        bytes32[6] memory before = seedsOf(where, cohort, attempt);
        for (uint256 i = 0; i < 6; ++i) for (uint256 j = 0; j < i; ++j) assertNotEq(before[i], before[j]);

        change %= 7;
        if (change == 0) where.beacon = bytes32(uint256(where.beacon) ^ 1);
        if (change == 1) where.taskId ^= 1;
        if (change == 2) where.round ^= 1;
        if (change == 3) where.validator = address(uint160(where.validator) ^ 1);
        if (change == 4) where.contributor = address(uint160(where.contributor) ^ 1);
        if (change == 5) cohort ^= 1;
        if (change == 6) attempt ^= 1;
        bytes32[6] memory changed = seedsOf(where, cohort, attempt);
        for (uint256 i = 0; i < 6; ++i) assertTrue((changed[i] != before[i]) == dependsOn(i, change));
    }

    /// At probability 1 there is no draw. Otherwise the hash decides, and a higher probability never loses a slot.
    function testFuzz_WhoIsDrawnAtAProbabilityIsDrawnAtAHigherOne(
        Place memory where,
        uint256 bps,
        uint256 more
    ) public pure {
        bps = bound(bps, 0, 10_000);
        more = bound(more, bps, type(uint256).max);
        bytes memory words = abi.encode(where.taskId, where.round, where.contributor);
        bool isDrawn = uint256(keccak256(bytes.concat(where.beacon, keccak256("slot"), words))) % 10_000 < bps;

        assertEq(Sampling.isDrawnToSubmit(where.beacon, where.taskId, where.round, where.contributor, bps), isDrawn);
        bool isDrawnThen = Sampling.isDrawnToSubmit(where.beacon, where.taskId, where.round, where.contributor, more);
        assertTrue(isDrawnThen || !isDrawn);
        assertTrue(isDrawnThen || more < 10_000);
    }

    function testFuzz_AuditsAreDrawnByTheHashToo(
        bytes32 beacon,
        address contributor,
        uint256 rho,
        uint8 seen
    ) public pure {
        rho = bound(rho, 5_000, 15_000);
        uint256 draw = uint256(keccak256(abi.encode(beacon, keccak256("audit"), contributor))) % 10_000;
        uint256 bps = Sampling.auditProbabilityBps(rho, seen, true);
        assertEq(Sampling.isAudited(beacon, contributor, rho, seen, true), draw < bps);
    }

    function seedsOf(
        Place memory where,
        uint256 cohort,
        uint256 attempt
    ) private pure returns (bytes32[6] memory seeds) {
        seeds[0] = Sampling.cohortsKey(where.beacon);
        seeds[1] = Sampling.committeeSeed(where.beacon, cohort, attempt);
        seeds[2] = Draws.personalSeed(where.beacon, where.taskId, where.round, where.validator, where.contributor);
        seeds[3] = Draws.rootSeed(where.beacon, where.taskId, where.round, where.validator);
        seeds[4] = Draws.batchSeed(where.beacon, where.taskId, where.round, where.contributor);
        seeds[5] = where.beacon;
    }

    /// The words of each seed above: beacon, task, round, validator, contributor, cohort, attempt.
    function dependsOn(uint256 seed, uint256 word) private pure returns (bool) {
        uint8[6] memory words = [1, 1 | 32 | 64, 1 | 2 | 4 | 8 | 16, 1 | 2 | 4 | 8, 1 | 2 | 4 | 16, 1];
        return (words[seed] >> word) & 1 == 1;
    }
}
