// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// A case: the hash of its facts, cut to 168 bits, and where it stands.
///
/// Whoever finds two facts with one hash could open a case with the one and go on with the other, which may have any bond.
/// The one must pass {IAccusations}, which leaves it only the hash of the evidence to choose. For 168 bits that takes 2⁸⁴
/// hashes of 13 words; to find other facts for a case that exists takes 2¹⁶⁸.
type CaseWord is uint256;

using CaseWordLibrary for CaseWord global;

/// @title Reads and writes a {CaseWord}
/// @notice Layout, the lowest bits first; twin: CASE_WORD in `sdk/protocol/words.ts`.
library CaseWordLibrary {
    using Bits for uint256;

    /// High bits of the hash of the facts.
    uint256 private constant FACTS_OFFSET = 0;
    uint256 private constant FACTS_BITS = 168;
    /// Unix seconds: without a verdict the deadline of an answer, then the earliest execution.
    uint256 private constant READY_AT_OFFSET = 168;
    uint256 private constant READY_AT_BITS = 40;
    /// The first panel, 0 if the case needs none. Four billion panels would fill all blocks for years.
    uint256 private constant PANEL_OFFSET = 208;
    uint256 private constant PANEL_BITS = 32;
    uint256 private constant VERDICT_OFFSET = 240;
    uint256 private constant VERDICT_BITS = 4;
    /// 0 for the first panel, 1 and 2 for those of appeals.
    uint256 private constant INSTANCE_OFFSET = 244;
    uint256 private constant INSTANCE_BITS = 2;
    /// Whether bonds are settled.
    uint256 private constant CLOSED_OFFSET = 246;
    uint256 private constant CLOSED_BITS = 1;
    /// Whether the guardian has used its right.
    uint256 private constant SUSPENDED_OFFSET = 247;
    uint256 private constant SUSPENDED_BITS = 1;
    /// Whether a seat earns less than the usual fee.
    uint256 private constant FEE_CUT_OFFSET = 248;
    uint256 private constant FEE_CUT_BITS = 1;
    /// Of all panels that have reported: two of 31 and one of 64 at most.
    uint256 private constant SEATS_OFFSET = 249;
    uint256 private constant SEATS_BITS = 7;

    uint256 private constant CLOSED = 1 << CLOSED_OFFSET;
    uint256 private constant SUSPENDED = 1 << SUSPENDED_OFFSET;
    uint256 private constant FEE_CUT = 1 << FEE_CUT_OFFSET;

    /// @dev The word of a case that opens, with a deadline or a panel. Reverts if the panel's number doesn't fit.
    function opened(bytes32 hash, uint256 readyAt_, uint256 panel_) internal pure returns (CaseWord) {
        uint256 word = uint256(uint168(cut(hash))) << FACTS_OFFSET;
        word |= readyAt_ << READY_AT_OFFSET;
        return CaseWord.wrap(word | (panel_.fit(PANEL_BITS) << PANEL_OFFSET));
    }

    /// @dev The part of a hash that the word keeps.
    function cut(bytes32 hash) internal pure returns (bytes21) {
        return bytes21(hash);
    }

    function facts(CaseWord self) internal pure returns (bytes21) {
        return bytes21(uint168(CaseWord.unwrap(self) >> FACTS_OFFSET));
    }

    function readyAt(CaseWord self) internal pure returns (uint256) {
        return uint40(CaseWord.unwrap(self) >> READY_AT_OFFSET);
    }

    function panel(CaseWord self) internal pure returns (uint256) {
        return uint32(CaseWord.unwrap(self) >> PANEL_OFFSET);
    }

    /// @dev A number of {ICourt.Verdict}, 0 while the case is open.
    function verdict(CaseWord self) internal pure returns (uint256) {
        return (CaseWord.unwrap(self) >> VERDICT_OFFSET) & ((1 << VERDICT_BITS) - 1);
    }

    function instance(CaseWord self) internal pure returns (uint256) {
        return (CaseWord.unwrap(self) >> INSTANCE_OFFSET) & ((1 << INSTANCE_BITS) - 1);
    }

    function isClosed(CaseWord self) internal pure returns (bool) {
        return CaseWord.unwrap(self) & CLOSED != 0;
    }

    function wasSuspended(CaseWord self) internal pure returns (bool) {
        return CaseWord.unwrap(self) & SUSPENDED != 0;
    }

    function isFeeCut(CaseWord self) internal pure returns (bool) {
        return CaseWord.unwrap(self) & FEE_CUT != 0;
    }

    function seats(CaseWord self) internal pure returns (uint256) {
        return (CaseWord.unwrap(self) >> SEATS_OFFSET) & ((1 << SEATS_BITS) - 1);
    }

    /// @dev The word after one more panel has reported.
    function withPanel(CaseWord self, uint256 seats_) internal pure returns (CaseWord) {
        return CaseWord.wrap(CaseWord.unwrap(self).put(SEATS_OFFSET, SEATS_BITS, seats(self) + seats_));
    }

    /// @dev The word with another earliest execution.
    function withReadyAt(CaseWord self, uint256 readyAt_) internal pure returns (CaseWord) {
        return CaseWord.wrap(CaseWord.unwrap(self).put(READY_AT_OFFSET, READY_AT_BITS, readyAt_));
    }

    /// @dev The word of a case that an appeal goes on with.
    function withInstance(CaseWord self, uint256 instance_) internal pure returns (CaseWord) {
        return CaseWord.wrap(CaseWord.unwrap(self).put(INSTANCE_OFFSET, INSTANCE_BITS, instance_));
    }

    /// @dev The word of a case that has its verdict, a number of {ICourt.Verdict}.
    function withVerdict(CaseWord self, uint256 verdict_, uint256 readyAt_) internal pure returns (CaseWord) {
        uint256 word = CaseWord.unwrap(withReadyAt(self, readyAt_));
        return CaseWord.wrap(word.put(VERDICT_OFFSET, VERDICT_BITS, verdict_));
    }

    /// @dev The word after the guardian has used its right.
    function suspended(CaseWord self, uint256 readyAt_) internal pure returns (CaseWord) {
        return CaseWord.wrap(CaseWord.unwrap(withReadyAt(self, readyAt_)) | SUSPENDED);
    }

    /// @dev The word of a case whose bonds are settled.
    function closed(CaseWord self, bool isFeeCut_) internal pure returns (CaseWord) {
        uint256 word = CaseWord.unwrap(self) | CLOSED;
        return CaseWord.wrap(isFeeCut_ ? word | FEE_CUT : word);
    }
}
