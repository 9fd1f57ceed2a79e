using System.Data.Common;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Unlearn.MLNet.Trials;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet;

/// <summary>Why a trial has no result.</summary>
public sealed record TrialFailure
{
    /// <summary>Id of the trial's spec.</summary>
    public required string TrialId { get; init; }

    /// <summary>Name of the unlearner.</summary>
    public required string Unlearner { get; init; }

    /// <summary>Type and message of the trial's exception, in one line.</summary>
    public required string Reason { get; init; }

    /// <summary>
    /// Whether another try may succeed: files and databases that cannot be used at the moment, timeouts, lack of memory. Any other failure, such as a diverged
    /// training, would happen again.
    /// </summary>
    public required bool IsTransient { get; init; }

    /// <summary>Number of times that the trial was tried, from 1.</summary>
    public required int Attempts { get; init; }

    /// <summary>Creates the failure of a trial that threw.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="cause">The last exception of the trial.</param>
    /// <param name="attempts">Number of times that the trial was tried.</param>
    internal static TrialFailure Of(TrialSpec trial, Exception cause, int attempts)
    {
        ArgumentNullException.ThrowIfNull(trial);
        ArgumentNullException.ThrowIfNull(cause);
        return new() { TrialId = trial.Id, Unlearner = trial.Unlearner, Reason = Describe(cause), IsTransient = CanPass(cause), Attempts = attempts };
    }

    /// <summary>Type and message of an exception, in one line.</summary>
    internal static string Describe(Exception cause)
    {
        // libtorch's messages go on with a stack trace.
        var firstLine = cause.Message.AsSpan().Trim().EnumerateLines().GetEnumerator();
        return $"{cause.GetType().Name}: {(firstLine.MoveNext() ? firstLine.Current : [])}";
    }

    /// <summary>The reasons of failures in one line, the most frequent first.</summary>
    /// <param name="failures">Failures of one unlearner.</param>
    /// <param name="trials">Number of its trials, the failed ones included.</param>
    internal static string Summary(IReadOnlyList<TrialFailure> failures, int trials)
    {
        const int Shown = 3;
        var reasons = failures.GroupBy(failure => failure.Reason).OrderByDescending(group => group.Count()).ToList();
        var more = reasons.Count > Shown ? $"; and {reasons.Count - Shown} other reasons" : "";
        return $"{failures.Count} of {trials} trials of {failures[0].Unlearner} failed: "
            + string.Join(
                "; ", reasons.Take(Shown).Select(group => group.Count() > 1 && reasons.Count > 1 ? $"{group.Key} ({group.Count()} times)" : group.Key)) + more;
    }

    /// <summary>Whether another try may succeed.</summary>
    internal static bool CanPass(Exception cause) => cause switch
    {
        IOException or TimeoutException or OutOfMemoryException => true,
        SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED } => true,
        DbException { IsTransient: true } => true,
        // All that libtorch tells apart is the text.
        ExternalException => cause.Message.Contains("memory", StringComparison.OrdinalIgnoreCase) || EarlyCollection.Explains(cause),
        AggregateException several => several.InnerExceptions.All(CanPass),
        _ => cause.InnerException is { } inner && CanPass(inner),
    };
}
