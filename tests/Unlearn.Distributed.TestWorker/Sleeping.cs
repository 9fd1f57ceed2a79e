using System.Globalization;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Distributed.TestWorker;

/// <summary>
/// Forgets nothing, after a while. It writes down in a file that its process has begun and ended a trial, so that tests can count. The seed tells trials
/// apart.
/// </summary>
public sealed class Sleeping : IUnlearner
{
    /// <summary>Files that begins and ends are appended to, with the process's number at their end; not a part of the identity.</summary>
    public static string? Diary { get; set; }

    /// <summary>How long it sleeps.</summary>
    public int Milliseconds { get; init; } = 100;

    /// <inheritdoc/>
    public string Name => "SLEEP";

    /// <inheritdoc/>
    public string Specification => string.Create(CultureInfo.InvariantCulture, $"sleep/1 ms={Milliseconds}");

    /// <inheritdoc/>
    public bool IsExact => true;

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Note("begin", request.Seed);
        if (cancellationToken.WaitHandle.WaitOne(Milliseconds))
            cancellationToken.ThrowIfCancellationRequested();
        var target = (TorchTarget)request.Target;
        var copy = target.Clone();
        Note("end", request.Seed);
        return new(copy);
    }

    private static readonly Lock DiaryLock = new();

    private static void Note(string what, long seed)
    {
        if (Diary is not { } path)
            return;
        // A file for each process: .NET appends at the end that a file had when it was opened, over what another has appended since.
        lock (DiaryLock)
            File.AppendAllText($"{path}.{Environment.ProcessId}", $"{what} {seed} {Environment.ProcessId}\n");
    }
}
