// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Who reserves stake under which id
/// @notice Tasks counts its ids up by one from 1, so they never reach those of the court.
library Reservations {
    /// The court reserves stake of jurors under this id and those above it, Tasks under those below.
    uint64 internal constant FIRST_COURT_ID = 1 << 63;
}
