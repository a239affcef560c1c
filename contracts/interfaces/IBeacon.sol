// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A source of randomness that is unknown when it is requested
/// @notice `request` fixes which future value counts; `read` returns it once it exists. A value that can no longer be
/// proven is reported as expired and is never drawn again.
interface IBeacon {
    /// @notice Pending: the value doesn't exist yet. Ready: it exists. Expired: it can no longer be proven.
    enum Status {
        Pending,
        Ready,
        Expired
    }

    /// @notice Requests a value that doesn't exist yet.
    /// @return requestId identifies the value for `read`
    function request() external returns (uint64 requestId);

    /// @notice The state of a value, and the value itself when it is ready.
    /// @param requestId an identifier from `request`
    /// @return status Pending until the value exists, Expired once it can no longer be proven
    /// @return value 32 random bytes, zero unless ready
    function read(uint64 requestId) external view returns (Status status, bytes32 value);
}
