using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Unlearn.Distributed.TestWorker;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>A worker in a process of its own.</summary>
internal sealed partial class WorkerProcess : IDisposable
{
    private const int SignalContinue = 18;
    private const int SignalStop = 19;

    private readonly Process _process;

    public WorkerProcess(
        string database, string blobs, string diary, double timeoutSeconds = 3, int workers = 1, IReadOnlyDictionary<string, string>? environment = null)
    {
        var path = Path.Combine(AppContext.BaseDirectory, typeof(Sleeping).Assembly.GetName().Name!);
        var start = new ProcessStartInfo(path,
            [blobs, diary, timeoutSeconds.ToString(CultureInfo.InvariantCulture), workers.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["UNLEARN_CONNECTION"] = database;
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        _process = Process.Start(start)!;
    }

    public int Id => _process.Id;

    /// <summary>Waits until the worker runs.</summary>
    /// <returns>What its clock says.</returns>
    public async Task<DateTimeOffset> ReadyAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("ready ", line, StringComparison.Ordinal);
        return DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(line!["ready ".Length..], CultureInfo.InvariantCulture));
    }

    /// <summary>Kills it as <c>kill -9</c> does.</summary>
    public void Kill() => _process.Kill();

    public void Stop() => Signal(SignalStop);

    public void Continue() => Signal(SignalContinue);

    /// <summary>Ends it, as its user does.</summary>
    /// <returns>All that it wrote.</returns>
    public async Task<string> EndAsync()
    {
        _process.StandardInput.Close();
        var texts = await Task.WhenAll(_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, _process.ExitCode);
        return string.Concat(texts);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Signal(int signal) => Assert.Equal(0, Send(_process.Id, signal));

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
