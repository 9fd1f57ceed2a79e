using Unlearn.MLNet.Reports;
using Unlearn.MLNet.Studies;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

public sealed class HardnessStudyTests
{
    private static async Task<(string Factors, string Hardness)> RunAsync(string folder, int workers, IProgress<StudyProgress>? progress = null)
    {
        StudyFiles.Write(folder, await TinyStudy.RunAsync(folder, workers, progress));
        return (await File.ReadAllTextAsync(Path.Combine(folder, StudyFiles.Factors)), await File.ReadAllTextAsync(Path.Combine(folder, StudyFiles.Hardness)));
    }

    [Fact]
    public async Task The_number_of_workers_does_not_change_the_files()
    {
        using TemporaryFolder one = new(), three = new();
        Assert.Equal(await RunAsync(one.Path, workers: 1), await RunAsync(three.Path, workers: 3));
    }

    [Fact]
    public async Task A_killed_run_goes_on_without_repeating_finished_trials_and_gives_the_same_files()
    {
        using TemporaryFolder killed = new(), whole = new();
        using var other = StudyProcess.Start(killed.Path);
        var finished = 0;
        while (finished < 15)
        {
            var line = await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.NotNull(line);
            if (line.StartsWith(nameof(StudyStage.Trials), StringComparison.Ordinal))
                finished = int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        other.Kill();
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);

        var steps = new Steps();
        var resumed = await RunAsync(killed.Path, workers: 2, steps);
        Assert.InRange(steps.FirstTrials, finished, 43);
        Assert.Equal(await RunAsync(whole.Path, workers: 2), resumed);
    }

    private sealed class Steps : IProgress<StudyProgress>
    {
        public int FirstTrials { get; private set; } = -1;

        public void Report(StudyProgress value)
        {
            if (value.Stage == StudyStage.Trials && FirstTrials < 0)
                FirstTrials = value.Finished;
        }
    }
}
