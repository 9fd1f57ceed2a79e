using Spectre.Console;

namespace Unlearn.Cli.Terminal;

/// <summary>The look of the command's tables.</summary>
internal static class PlainTable
{
    /// <summary>A table without rows yet.</summary>
    /// <param name="title">Its title, in Spectre's markup.</param>
    /// <param name="headings">Headings of the columns, in Spectre's markup.</param>
    public static Table Create(string title, params IEnumerable<string> headings)
    {
        var table = new Table().Title(title).Border(TableBorder.Simple);
        foreach (var heading in headings)
            table.AddColumn(new TableColumn(heading) { Padding = new Padding(0, 0, 1, 0) });
        return table;
    }
}
