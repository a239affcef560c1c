// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// A committee and what it did.
/// bits   0  round 32 | 32 roster indices of the seats, a byte each, 120 | 152 seats that revealed or voted, a bit each, 16
/// bits 168  how many 8 | 176 attempt 8 | 184 state 8
///
/// A cohort's committee, as it was last drawn: once the redraw is touched the first committee is gone, its duties tallied. The root
/// committee has one too.
type CohortWord is uint256;

/// @notice Reads and writes a {CohortWord}.
library Cohorts {
    using Bits for uint256;

    uint256 internal constant OPEN = 0;
    uint256 internal constant SETTLED = 1;
    uint256 internal constant VOID = 2;

    /// @dev A committee that was drawn just now; `seats_` as {Sampling.drawCommittee} packs them.
    function drawn(uint256 round_, uint256 attempt_, uint256 seats_) internal pure returns (CohortWord) {
        return CohortWord.wrap(round_ | (seats_ << 32) | (attempt_ << 176));
    }

    function round(CohortWord self) internal pure returns (uint32) {
        return uint32(CohortWord.unwrap(self));
    }

    function seats(CohortWord self) internal pure returns (uint256) {
        return uint120(CohortWord.unwrap(self) >> 32);
    }

    /// @dev Roster index of a seat.
    function memberAt(CohortWord self, uint256 seat) internal pure returns (uint256) {
        return uint8(CohortWord.unwrap(self) >> (32 + 8 * seat));
    }

    function hasActed(CohortWord self, uint256 seat) internal pure returns (bool) {
        return (CohortWord.unwrap(self) >> (152 + seat)) & 1 == 1;
    }

    function acted(CohortWord self) internal pure returns (uint256) {
        return uint8(CohortWord.unwrap(self) >> 168);
    }

    function attempt(CohortWord self) internal pure returns (uint256) {
        return uint8(CohortWord.unwrap(self) >> 176);
    }

    function state(CohortWord self) internal pure returns (uint256) {
        return uint8(CohortWord.unwrap(self) >> 184);
    }

    /// @dev The word after a seat that had not acted did.
    function withActed(CohortWord self, uint256 seat) internal pure returns (CohortWord) {
        // At most fifteen seats act.
        unchecked {
            return CohortWord.wrap(CohortWord.unwrap(self) + (1 << (152 + seat)) + (1 << 168));
        }
    }

    function withState(CohortWord self, uint256 state_) internal pure returns (CohortWord) {
        return CohortWord.wrap(CohortWord.unwrap(self).put(184, 8, state_));
    }

    /// @dev The seat of a roster index, or `seatCount` when it has none.
    function seatOf(CohortWord self, uint256 member, uint256 seatCount) internal pure returns (uint256 seat) {
        uint256 rest = CohortWord.unwrap(self) >> 32;
        unchecked {
            for (seat = 0; seat < seatCount; ++seat) {
                if (uint8(rest) == member) return seat;
                rest >>= 8;
            }
        }
    }
}

using Cohorts for CohortWord global;
