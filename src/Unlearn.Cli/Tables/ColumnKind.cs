namespace Unlearn.Cli.Tables;

/// <summary>What a column is to a model. The lower-case names are those of <c>--column NAME=KIND</c>.</summary>
internal enum ColumnKind
{
    Number,
    Category,
    Text,
    Ignored,
    Label,
    Id,
    Split,
}
