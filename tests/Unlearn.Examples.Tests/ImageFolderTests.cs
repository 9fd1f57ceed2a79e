using System.Text.Json.Nodes;
using SkiaSharp;
using Unlearn.Cli.Images;
using Unlearn.Cli.Studies;
using Unlearn.Examples.FashionMnist;
using Unlearn.Examples.ImageFolder;
using Unlearn.MLNet;
using Xunit;

namespace Unlearn.Examples.Tests;

public sealed class ImageFolderTests
{
    private static void Write(TemporaryFolder folder, string part, string name, int count)
    {
        for (var i = 0; i < count; i++)
            File.WriteAllBytes(folder.File(part, name, $"{name}_{i:00}.JPEG"), TestImages.Plain(SKColors.Green, 10, SKEncodedImageFormat.Jpeg));
    }

    [Fact]
    public void Classes_are_the_folders_by_name_and_every_fifth_image_is_for_testing()
    {
        using TemporaryFolder folder = new();
        Write(folder, "train", "n02", 10);
        Write(folder, "train", "n01", 5);
        Write(folder, "train", "n03", 5);
        File.WriteAllText(folder.File("train", "n01", "readme.txt"), "no image");
        var (train, test, names) = ImageFolders.Find(folder.Path, 2, 100, 100);
        Assert.Equal(["n01", "n02"], names);
        Assert.Equal(12, train.Count);
        Assert.Equal(["train/n01/n01_04.JPEG", "train/n02/n02_04.JPEG", "train/n02/n02_09.JPEG"], test.Select(image => image.Id).Order(StringComparer.Ordinal));
        Assert.Equal([0, 1, 0, 1], train.Take(4).Select(image => image.Label));
        Assert.Empty(train.Select(image => image.Id).Intersect(test.Select(image => image.Id)));
    }

    [Fact]
    public void A_validation_folder_is_for_testing()
    {
        using TemporaryFolder folder = new();
        foreach (var name in new[] { "a", "b" })
        {
            Write(folder, "train", name, 6);
            Write(folder, "val", name, 2);
        }
        var (train, test, _) = ImageFolders.Find(folder.Path, 10, 7, 100);
        Assert.Equal(7, train.Count);
        Assert.Equal(
            ["val/a/a_00.JPEG", "val/a/a_01.JPEG", "val/b/b_00.JPEG", "val/b/b_01.JPEG"], test.Select(image => image.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        using TemporaryFolder folder = new();
        Assert.Contains(
            ImageFolders.Formats, Assert.Throws<DirectoryNotFoundException>(() => ImageFolders.Find(folder.Path, 10, 1, 1)).Message, StringComparison.Ordinal);
        Write(folder, "train", "a", 1);
        Assert.Contains(
            "1 class folders", Assert.Throws<InvalidDataException>(() => ImageFolders.Find(folder.Path, 10, 1, 1)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(folder.Path, "train", "b"));
        Assert.Contains(
            "holds no image", Assert.Throws<InvalidDataException>(() => ImageFolders.Find(folder.Path, 10, 1, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_image_is_named_or_left_out_and_listed()
    {
        using TemporaryFolder folder = new();
        Write(folder, "train", "a", 5);
        Write(folder, "train", "b", 5);
        File.WriteAllText(folder.File("train", "b", "b_02.JPEG"), "no image");
        Assert.Contains("--skip-damaged", Assert.Throws<InvalidDataException>(() => Load()).Message, StringComparison.Ordinal);
        using var data = Load("--skip-damaged");
        Assert.Equal((7, 2), (data.Rows.Count, data.TestRows.Count));
        Assert.DoesNotContain("train/b/b_02.JPEG", data.Rows.Ids);
        Assert.EndsWith("8 × 8, 7 rows, 1 damaged images left out", data.Title, StringComparison.Ordinal);

        StudyData Load(params string[] skip)
        {
            var study = new ImageFolderStudy();
            StudyData? data = null;
            var command = StudyCommand.Create(study, (settings, _) =>
            {
                data = study.Load(settings);
                return Task.FromResult(0);
            });
            command.Parse(["--data", folder.Path, "--size", "8", .. skip]).Invoke(new() { EnableDefaultExceptionHandler = false });
            return data!;
        }
    }

    [Fact]
    public void Rows_that_do_not_fit_into_memory_are_refused_with_the_number_that_does()
    {
        const int features = 3 * 224 * 224;
        MemoryNeed.Check(1000, features, 4_000_000_000);
        var refusal = Assert.Throws<ArgumentException>(() => MemoryNeed.Check(1200, features, 4_000_000_000));
        Assert.Contains("at most 1107 training and test --rows", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MemoryNeed.Check(20_000, features, long.MaxValue));
    }

    [Fact]
    public async Task A_folder_of_real_images_goes_the_whole_way()
    {
        using TemporaryFolder images = new(), output = new();
        foreach (var image in IdxFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"), "train", 600).Where(image => image.Label is 1 or 7 or 9))
        {
            using var bitmap = new SKBitmap(Image.Side, Image.Side);
            File.WriteAllBytes(images.File("train", Image.ClassNames[image.Label], $"{image.Row}.JPEG"),
                TestImages.Encode(Image.Side, Image.Side, SKEncodedImageFormat.Jpeg,
                    (x, y) => new(image.Gray[y * Image.Side + x], image.Gray[y * Image.Side + x], image.Gray[y * Image.Side + x])));
        }
        string[] command =
        [
            "--data", images.Path, "--out", output.Path, "--size", "14", "--rows", "120", "--trials", "8", "--unlearners", "EU", "--epochs", "4",
            "--reference-models", "4",
        ];
        Assert.Equal(0, await StudyProgram.RunAsync(new ImageFolderStudy(), command));

        var summary = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(output.Path, StudyFiles.Summary), TestContext.Current.CancellationToken))!;
        Assert.Equal(["ankle boot", "sneaker", "trouser"], summary["classNames"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(120, (int)summary["auditedRows"]!);
        Assert.InRange((double)summary["target"]!["trainAccuracy"]!, 0.8, 1);
        Assert.Contains("Memorization", summary["factors"]!.AsArray().Select(factor => (string)factor!["name"]!));
        Assert.Contains("data:image/png;base64,",
            await File.ReadAllTextAsync(Path.Combine(output.Path, StudyFiles.Report), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
