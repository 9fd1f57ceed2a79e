using Unlearn.Cli.Models;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Examples;

/// <summary>A study as a program: its own command line and data; all else is that of the tool.</summary>
internal static class StudyProgram
{
    /// <summary>Runs a study from the command line.</summary>
    /// <param name="example">The study.</param>
    /// <param name="args">The command line.</param>
    /// <returns>Exit code: 0, or 1 after an error that was named in one line. A signal ends the process with 128 and its number: 130 for Ctrl+C.</returns>
    public static Task<int> RunAsync(StudyExample example, string[] args)
    {
        ArgumentNullException.ThrowIfNull(example);
        TorchRuntime.KeepFreedMemory();
        var screen = Screen.OfProcess();
        return StopSignals.RunAsync(screen, stopped => StudyCommand
            .Create(example, (settings, cancellationToken) => screen.RunAsync(
                () => Screen.DescribeStop($"'{settings.Output}'"),
                () => Task.Run(() => RunAsync(example, settings, screen, cancellationToken), CancellationToken.None),
                cancellationToken))
            .Parse(args)
            .InvokeAsync(new() { ProcessTerminationTimeout = null }, stopped));
    }

    private static async Task<int> RunAsync(StudyExample example, StudySettings settings, Screen screen, CancellationToken cancellationToken)
    {
        using var data = example.Load(settings);
        await StudyRun.RunAsync(
            new()
            {
                Data = data,
                Recipe = example.Recipe(settings, data),
                Unlearners = [.. settings.Unlearners.Select(unlearner => UnlearnerPlans.Of(unlearner, example, settings))],
                Factors = example.Factors(settings),
                ReferenceModels = settings.ReferenceModels,
                Hardness = settings.Hardness,
                SingleRows = settings.SingleRows,
                SingleRowUnlearners = example.SingleRowUnlearners,
                Seed = settings.Seed,
                Workers = settings.Workers,
                RetryFailed = settings.RetryFailed,
                Output = settings.Output,
            },
            screen,
            cancellationToken).ConfigureAwait(false);
        return ExitCodes.Success;
    }
}
