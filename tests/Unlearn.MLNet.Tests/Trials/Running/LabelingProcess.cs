using System.Diagnostics;
using System.Globalization;
using Unlearn.TestPrograms;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Running;

/// <summary>
/// Another process that labels: it runs the trials of a <see cref="TinyLabeling"/> and writes down each batch as it begins, in a file beside the
/// ledger.
/// </summary>
internal sealed class LabelingProcess : IDisposable
{
    /// <summary>Retrainings at once.</summary>
    public const int Stack = 4;

    private readonly Process _process;
    private readonly string _diary;

    public LabelingProcess(string ledgerPath, string name, int trials)
    {
        _diary = $"{ledgerPath}-diary-{name}";
        _process = TestProgram.Start("label", ledgerPath, _diary, trials.ToString(CultureInfo.InvariantCulture), Stack.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Waits until the first trial begins.</summary>
    public async Task FirstTrialAsync()
    {
        while (!File.Exists(_diary))
        {
            Assert.False(_process.HasExited, "The process ended without having begun a trial.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Kills the process as <c>kill -9</c> does.</summary>
    /// <returns>The trials that it had begun, batch by batch; those of the last may not have been kept.</returns>
    public async Task<IReadOnlyList<string[]>> KillAsync()
    {
        Assert.False(_process.HasExited, "The process had nothing left to do: plan more trials.");
        _process.Kill();
        return await EndAsync();
    }

    /// <summary>Waits until the process is done.</summary>
    /// <returns>The trials that it ran, batch by batch.</returns>
    public async Task<IReadOnlyList<string[]>> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return [.. (await File.ReadAllLinesAsync(_diary, TestContext.Current.CancellationToken)).Select(batch => batch.Split(' '))];
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
