// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// A committee, its state and what its seats did: a cohort's latest committee, or the root committee. The redraw
/// overwrites the first committee, whose duties are counted by then.
type CohortWord is uint256;

using CohortWordLibrary for CohortWord global;

/// @title Reads and writes a {CohortWord}
/// @notice Layout, the lowest bits first; twin: COHORT_WORD in `sdk/protocol/words.ts`.
library CohortWordLibrary {
    using Bits for uint256;

    // ---- states of a cohort

    uint256 internal constant OPEN = 0;
    uint256 internal constant SETTLED = 1;
    uint256 internal constant VOID = 2;

    // ---- layout

    uint256 private constant ROUND_OFFSET = 0;
    uint256 private constant ROUND_BITS = 32;
    /// Roster indices of the seats, a byte each.
    uint256 private constant SEATS_OFFSET = 32;
    uint256 private constant SEATS_BITS = 8;
    uint256 private constant SEATS_COUNT = 15;
    /// Seats that revealed or voted, a bit each.
    uint256 private constant ACTED_SEATS_OFFSET = 152;
    uint256 private constant ACTED_SEATS_BITS = 16;
    /// Number of those seats.
    uint256 private constant ACTED_OFFSET = 168;
    uint256 private constant ACTED_BITS = 8;
    uint256 private constant ATTEMPT_OFFSET = 176;
    uint256 private constant ATTEMPT_BITS = 8;
    uint256 private constant STATE_OFFSET = 184;
    uint256 private constant STATE_BITS = 8;

    /// @dev A newly drawn committee. `seats_` as packed by {Sampling.drawCommittee}, at most 15. A round has 32 bits,
    /// an attempt is 0 or 1.
    function drawn(uint256 round_, uint256 attempt_, uint256 seats_) internal pure returns (CohortWord) {
        return CohortWord.wrap((round_ << ROUND_OFFSET) | (seats_ << SEATS_OFFSET) | (attempt_ << ATTEMPT_OFFSET));
    }

    function round(CohortWord self) internal pure returns (uint32) {
        return uint32(CohortWord.unwrap(self) >> ROUND_OFFSET);
    }

    /// @dev All seats, as packed by {Sampling.drawCommittee}.
    function seats(CohortWord self) internal pure returns (uint256) {
        return uint120(CohortWord.unwrap(self) >> SEATS_OFFSET);
    }

    /// @dev Roster index of a seat.
    function memberAt(CohortWord self, uint256 seat) internal pure returns (uint256) {
        return uint8(CohortWord.unwrap(self) >> (SEATS_OFFSET + SEATS_BITS * seat));
    }

    function hasActed(CohortWord self, uint256 seat) internal pure returns (bool) {
        return (CohortWord.unwrap(self) >> (ACTED_SEATS_OFFSET + seat)) & 1 == 1;
    }

    function acted(CohortWord self) internal pure returns (uint256) {
        return uint8(CohortWord.unwrap(self) >> ACTED_OFFSET);
    }

    function attempt(CohortWord self) internal pure returns (uint256) {
        return uint8(CohortWord.unwrap(self) >> ATTEMPT_OFFSET);
    }

    function state(CohortWord self) internal pure returns (uint256) {
        return uint8(CohortWord.unwrap(self) >> STATE_OFFSET);
    }

    /// @dev The word after a seat acted, which it had not done before.
    function withActed(CohortWord self, uint256 seat) internal pure returns (CohortWord) {
        // At most 15 seats act.
        unchecked {
            return CohortWord.wrap(CohortWord.unwrap(self) + (1 << (ACTED_SEATS_OFFSET + seat)) + (1 << ACTED_OFFSET));
        }
    }

    function withState(CohortWord self, uint256 state_) internal pure returns (CohortWord) {
        return CohortWord.wrap(CohortWord.unwrap(self).put(STATE_OFFSET, STATE_BITS, state_));
    }

    /// @dev The seat that a roster index holds, or `seatCount` if it holds none.
    function seatOf(CohortWord self, uint256 member, uint256 seatCount) internal pure returns (uint256 seat) {
        uint256 rest = CohortWord.unwrap(self) >> SEATS_OFFSET;
        unchecked {
            for (seat = 0; seat < seatCount; ++seat) {
                if (uint8(rest) == member) return seat;
                rest >>= SEATS_BITS;
            }
        }
    }
}
