using Spectre.Console;
using Unlearn.MLNet;

namespace Unlearn.Cli.Terminal;

/// <summary>A study's progress: bars on a terminal, plain lines elsewhere.</summary>
internal static class ConsoleProgress
{
    public static Task<T> RunAsync<T>(Screen screen, Func<IProgress<StudyProgress>, Task<T>> run) =>
        screen.ShowsText && screen.Ansi.Profile.Capabilities.Interactive && screen.Ansi.Profile.Capabilities.Ansi
            ? screen.Ansi
                .Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(context => run(new Bars(context)))
            : run(new Lines(screen.ProgressLines));

    private static string Describe(StudyProgress step) =>
        $"{step.Stage}: {step.Detail}{(step.Remaining is { } remaining && step.Finished < step.Total ? $", {Duration(remaining)} to go" : "")}";

    private static string Duration(TimeSpan time) => time.TotalHours < 1 ? $@"{time:m\:ss}" : $@"{(int)time.TotalHours}:{time:mm\:ss}";

    private sealed class Bars(ProgressContext context) : IProgress<StudyProgress>
    {
        private readonly Dictionary<StudyStage, ProgressTask> _tasks =
            Enum.GetValues<StudyStage>().ToDictionary(stage => stage, stage => context.AddTask(stage.ToString(), autoStart: false));

        public void Report(StudyProgress value)
        {
            var task = _tasks[value.Stage];
            if (!task.IsStarted)
                task.StartTask();
            task.MaxValue = value.Total;
            task.Value = value.Finished;
            task.Description = Markup.Escape(Describe(value)).PadRight(58);
        }
    }

    private sealed class Lines(TextWriter writer) : IProgress<StudyProgress>
    {
        private (StudyStage Stage, int Tenth) _last = ((StudyStage)(-1), -1);

        public void Report(StudyProgress value)
        {
            var now = (value.Stage, value.Total == 0 ? 0 : value.Finished * 10 / value.Total);
            if (now == _last && !value.Detail.StartsWith("waiting", StringComparison.Ordinal))
                return;
            _last = now;
            writer.WriteLine($"{value.Finished,4} of {value.Total,-4} {Describe(value)}");
        }
    }
}
