using Spectre.Console;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Examples;

/// <summary>A study as a program: command line, progress, files, table, errors.</summary>
public static class StudyProgram
{
    private const int Failed = 1;
    private const int Stopped = 130;

    /// <summary>Runs a study from the command line.</summary>
    /// <param name="example">The study.</param>
    /// <param name="args">The command line.</param>
    /// <returns>Exit code: 0, 1 after an error that was named in one line, 130 after a stop.</returns>
    public static Task<int> RunAsync(StudyExample example, string[] args)
    {
        ArgumentNullException.ThrowIfNull(example);
        TorchRuntime.KeepFreedMemory();
        return StudyCommand.Create(example, (settings, cancellationToken) => RunAsync(example, settings, cancellationToken)).Parse(args).InvokeAsync();
    }

    private static SingleRowOptions? SingleRows(StudyExample example, StudySettings settings)
    {
        string[] names = [.. example.SingleRowUnlearners.Intersect(settings.Unlearners.Select(unlearner => unlearner.Name), StringComparer.Ordinal)];
        return settings.SingleRows == 0 || names.Length == 0 ? null : new() { Unlearners = names, Rows = Math.Min(settings.SingleRows, settings.Rows) };
    }

    private static async Task<int> RunAsync(StudyExample example, StudySettings settings, CancellationToken cancellationToken)
    {
        try
        {
            using var data = example.Load(settings);
            var study = new HardnessStudy(new StudyOptions
            {
                Title = data.Title,
                Recipe = example.Recipe(settings, data),
                Unlearners = [.. settings.Unlearners.Select(unlearner => UnlearnerPlans.Of(unlearner, example, settings))],
                Factors = example.Factors(settings) is { } factors ? [.. factors, .. HardnessFactors.All.Where(factor => settings.ReferenceModels > 0 && factor.Tier == FactorTier.T3)] : null,
                ReferenceModels = settings.ReferenceModels,
                Hardness = settings.Hardness,
                SingleRows = SingleRows(example, settings),
                ClassNames = data.ClassNames,
                LedgerPath = Path.Combine(settings.Output, "trials.db"),
                Trials = new TrialRunnerOptions { RetryFailed = settings.RetryFailed },
                Seed = settings.Seed,
                Workers = settings.Workers,
            });
            var result = await ConsoleProgress.RunAsync(progress => study.RunAsync(data.Rows, data.TestRows, progress, cancellationToken));
            StudyFiles.Write(settings.Output, result, data.Picture);
            ConsoleTable.Write(result, settings.Output);
            return 0;
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]Stopped.[/] Finished trials are kept in '{settings.Output}': the same command goes on from there.");
            return Stopped;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or ArgumentException or InvalidOperationException or NotSupportedException or UnauthorizedAccessException
            or TorchUnavailableException or TrainingDivergedException or TrialFailedException or TrialLedgerException)
        {
            if (Console.IsOutputRedirected)
                Console.WriteLine(failure.Message);
            else
                AnsiConsole.MarkupLineInterpolated($"[red]{failure.Message}[/]");
            return Failed;
        }
    }
}
