using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

/// <summary>
/// Another process that labels: this test program again, which runs the trials of a <see cref="TinyLabeling"/> in place of tests and writes down
/// each batch as it begins, in a file beside the ledger.
/// </summary>
internal sealed class LabelingProcess : IDisposable
{
    private const string LedgerVariable = "UNLEARN_TEST_LEDGER_TO_LABEL";
    private const string DiaryVariable = "UNLEARN_TEST_DIARY_OF_LABELING";
    private const string TrialsVariable = "UNLEARN_TEST_TRIALS_TO_LABEL";

    // Trials of a few milliseconds would be over before anybody could interfere.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Retrainings at once.</summary>
    public const int Stack = 4;

    private readonly Process _process;
    private readonly string _diary;

    public LabelingProcess(string ledgerPath, string name, int trials)
    {
        _diary = $"{ledgerPath}-diary-{name}";
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(LabelingProcess).Assembly.Location);
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add("no.test");
        start.Environment[LedgerVariable] = ledgerPath;
        start.Environment[DiaryVariable] = _diary;
        start.Environment[TrialsVariable] = trials.ToString(CultureInfo.InvariantCulture);
        start.Environment["DOTNET_TieredPGO"] = "0"; // starts faster
        _process = Process.Start(start)!;
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

    [ModuleInitializer]
    internal static void LabelInPlaceOfTests()
    {
        if (Environment.GetEnvironmentVariable(LedgerVariable) is not { Length: > 0 } ledgerPath)
            return;
        // No other thread may use this assembly before its initializer has returned: the labeling goes on beside the runner, which finds no test.
        new Thread(() => Label(ledgerPath, Environment.GetEnvironmentVariable(DiaryVariable)!, int.Parse(Environment.GetEnvironmentVariable(TrialsVariable)!, CultureInfo.InvariantCulture))).Start();
    }

    private static void Label(string ledgerPath, string diaryPath, int trials)
    {
        FileStream? diary = null;
        using var labeling = new TinyLabeling(trials, stack: Stack);
        labeling.RunAsync(ledgerPath, workers: 1, batch =>
        {
            // Without a buffer: what is written is there whatever happens to the process. The console would be shared with the runner.
            diary ??= new FileStream(diaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            diary.Write(Encoding.UTF8.GetBytes($"{string.Join(' ', batch.Select(trial => trial.Id))}\n"));
            Thread.Sleep(Pause);
        }).GetAwaiter().GetResult();
        diary?.Dispose();
    }
}
