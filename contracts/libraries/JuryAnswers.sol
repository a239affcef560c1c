// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../interfaces/ICourt.sol";
import {Readings} from "./Readings.sol";

/// @title What jurors report instead of a value
/// @notice Hashes and scores are never these: a hash that is so small can't be found, a score has its highest bit set.
library JuryAnswers {
    /// The juror's machine can't compute the value. It never counts for or against anyone.
    bytes32 internal constant CANNOT_EXECUTE = bytes32(uint256(1));
    /// The juror can't get what the challenger had to show.
    bytes32 internal constant EVIDENCE_MISSING = bytes32(uint256(2));
    /// The juror can't get the update that the accused has scored, which is the accused's to keep.
    bytes32 internal constant UPDATE_UNAVAILABLE = bytes32(uint256(3));

    /// @notice Whether a report says that something wasn't there, instead of a value. Nobody is wrong who doesn't say so too.
    /// @param report of a panel or a juror
    /// @return true for EVIDENCE_MISSING and UPDATE_UNAVAILABLE
    function isAbsence(bytes32 report) internal pure returns (bool) {
        return report == EVIDENCE_MISSING || report == UPDATE_UNAVAILABLE;
    }

    /// @notice What a panel's report means for a case. A window that readers don't get is withheld; of one that differs a step
    /// case can be opened.
    /// @param kind of the case
    /// @param accused value of the case
    /// @param report of the panel, 0 if it has no majority
    /// @return the verdict; Unavailable where jurors can't get the update that was scored
    function verdictOn(ICourt.CaseKind kind, bytes32 accused, bytes32 report) internal pure returns (ICourt.Verdict) {
        if (kind == ICourt.CaseKind.WindowWithheld) {
            if (report == EVIDENCE_MISSING) return ICourt.Verdict.Guilty;
            return report == Readings.DIFFERS ? ICourt.Verdict.Dismissed : ICourt.Verdict.Acquitted;
        }
        bool isUnavailable = report == UPDATE_UNAVAILABLE && kind == ICourt.CaseKind.FalseScore;
        if (isUnavailable) return ICourt.Verdict.Unavailable;
        if (isAbsence(report)) return ICourt.Verdict.Dismissed;
        return report == 0 || report == accused ? ICourt.Verdict.Acquitted : ICourt.Verdict.Guilty;
    }
}
