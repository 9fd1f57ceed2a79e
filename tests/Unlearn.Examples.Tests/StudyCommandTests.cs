using Unlearn.Examples.AdultIncome;
using Unlearn.Examples.Cifar10;
using Unlearn.Examples.FashionMnist;
using Unlearn.Examples.ImageFolder;
using Unlearn.Examples.ImdbReviews;
using Xunit;

namespace Unlearn.Examples.Tests;

public sealed class StudyCommandTests
{
    private static StudySettings? Parse(StudyExample example, string command, out IReadOnlyList<string> errors)
    {
        StudySettings? settings = null;
        var parsed = StudyCommand.Create(example, (found, _) =>
        {
            settings = found;
            return Task.FromResult(0);
        }).Parse(command);
        errors = [.. parsed.Errors.Select(error => error.Message)];
        if (errors.Count == 0)
            parsed.Invoke();
        return settings;
    }

    [Fact]
    public void Sizes_have_defaults_and_folders_of_their_own()
    {
        Assert.Equal((3000, 1000, "fashion-mnist-out", "EU,FT,SISA"), Of(""));
        Assert.Equal((1000, 500, "fashion-mnist-short-out", "EU,FT,SISA"), Of("--short"));
        Assert.Equal((200, 2000, "fashion-mnist-full-out", "EU,FT,SISA,NegGrad+,SalUn,SCRUB,SSD"), Of("--full --rows 200"));
        Assert.Equal((3000, 1000, "there", "EU,SCRUB"), Of("--out there --unlearners eu,scrub"));

        (int, int, string, string) Of(string command) => Parse(new FashionMnistStudy(), command, out _) is { } settings
            ? (settings.Rows, settings.TestRows, settings.Output, string.Join(',', settings.Unlearners.Select(unlearner => unlearner.Name)))
            : throw new InvalidOperationException(command);
    }

    [Theory]
    [InlineData("", 300)]
    [InlineData("--short", 0)]
    [InlineData("--full", 0)]
    [InlineData("--full --single-rows 200", 200)]
    [InlineData("--short --single-rows 100", 100)]
    public void Single_rows_follow_the_size_unless_they_are_named(string command, int expected) =>
        Assert.Equal(expected, Parse(new AdultStudy(), command, out _)!.SingleRows);

    [Theory]
    [InlineData("", 10, false)]
    [InlineData("--short", 4, false)]
    [InlineData("--trials 8", 4, false)]
    [InlineData("--trials 2 --trainer search", 1, true)]
    [InlineData("--full --trainer lightgbm", 10, false)]
    public void Stacks_suit_the_trials_and_trainers_have_names(string command, int stack, bool isSearch)
    {
        var settings = Parse(new FashionMnistStudy(), command, out _)!;
        Assert.Equal((stack, isSearch), (settings.Stack, settings.Hardness.Candidates.Count > 0));
        Assert.Equal(command.Contains("lightgbm", StringComparison.Ordinal), settings.Hardness.Trainer is not null);
    }

    [Fact]
    public void The_help_tells_how_many_trials_each_unlearner_runs()
    {
        Assert.Equal("EU: default 40, short 8, full 60. FT: default 60, short 20, full 60. SISA: default 60, short 8, full 60. Others: default 40, "
            + "short 20, full 60.", UnlearnerPlans.Describe(new FashionMnistStudy()));
        Assert.Contains("NegGrad+: default 80", UnlearnerPlans.Describe(new CifarStudy()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rows 99", "--rows must be at least 100.")]
    [InlineData("--workers 0", "--workers must be at least 1.")]
    [InlineData("--reference-models 3", "--reference-models must be at least 4.")]
    [InlineData("--single-rows 49", "--single-rows must be at least 50, or 0.")]
    [InlineData("--short --full", "--short and --full exclude each other.")]
    [InlineData("--unlearners EU,EU", "--unlearners names EU twice.")]
    [InlineData("--unlearners SISA,FT", "FT is scored by its residual memory against retrained models: add EU to --unlearners.")]
    [InlineData("--unlearners nothing", "There is no unlearner 'nothing'. Known are EU, FT, SISA,")]
    public void A_bad_command_line_is_refused(string command, string expected)
    {
        Assert.Null(Parse(new FashionMnistStudy(), command, out var errors));
        Assert.StartsWith(expected, Assert.Single(errors), StringComparison.Ordinal);
    }

    public static TheoryData<string> Examples =>
        [nameof(FashionMnistStudy), nameof(CifarStudy), nameof(ImdbStudy), nameof(AdultStudy), nameof(ImageFolderStudy)];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Absent_data_end_a_study_with_exit_code_1(string name)
    {
        StudyExample example = name switch
        {
            nameof(FashionMnistStudy) => new FashionMnistStudy(),
            nameof(CifarStudy) => new CifarStudy(),
            nameof(ImdbStudy) => new ImdbStudy(),
            nameof(AdultStudy) => new AdultStudy(),
            _ => new ImageFolderStudy(),
        };
        using TemporaryFolder folder = new();
        Assert.Equal(1, await StudyProgram.RunAsync(example, ["--data", folder.File("absent"), "--out", folder.File("out")]));
        Assert.False(Directory.Exists(folder.File("out")));
        var failure = Assert.ThrowsAny<IOException>(() => example.Load(Parse(example, $"--data {folder.File("absent")}", out _)!));
        Assert.DoesNotContain('\n', failure.Message);
        Assert.Contains(folder.File("absent"), failure.Message, StringComparison.Ordinal);
    }
}
